import Foundation
import Geometry
import Imaging
import Testing

@Suite struct FeaturesTests {
    @Test func cornersKeepTheirDistanceAndTheMask() throws {
        let image = Texture(seed: 5).image(320, 240) { $0 }
        var mask = Image(width: 320, height: 240, channels: 1)
        for y in 0..<240 { for x in 0..<160 { mask[x, y] = 255 } }
        let detector = CornerDetector()
        let first = try detector.detect(in: image, mask: mask)
        #expect(first.count > 40)
        #expect(first.allSatisfy { $0.x < 162 })
        let second = try detector.detect(in: image, existing: first)
        for p in second { for q in first { #expect((p - q).length > 10 - 4.1) } }
        #expect(second.contains { $0.x > 170 })
        #expect(try detector.detect(in: image, mask: mask) == first)
        #expect(try detector.detect(in: Image(width: 100, height: 80, channels: 1)).isEmpty)
        #expect(throws: ImagingError.self) { try detector.detect(in: image, mask: Image(width: 3, height: 3, channels: 1)) }
    }

    @Test func flowFollowsAKnownMotionBelowAPixel() throws {
        let texture = Texture(seed: 6)
        let turn = 0.03
        let center = Vector2(160, 120)
        func motion(_ p: Vector2) -> Vector2 {
            let d = p - center
            return center + Vector2(cos(turn) * d.x - sin(turn) * d.y, sin(turn) * d.x + cos(turn) * d.y) + Vector2(7.3, -4.6)
        }
        func inverse(_ p: Vector2) -> Vector2 {
            let d = p - center - Vector2(7.3, -4.6)
            return center + Vector2(cos(turn) * d.x + sin(turn) * d.y, -sin(turn) * d.x + cos(turn) * d.y)
        }
        let a = texture.image(320, 240) { $0 }
        let b = texture.image(320, 240, inverse)
        let flow = OpticalFlow()
        let points = try CornerDetector().detect(in: a).filter { $0.x > 30 && $0.y > 30 && $0.x < 290 && $0.y < 210 }
        let (pa, pb) = (try flow.pyramid(of: a), try flow.pyramid(of: b))
        let tracks = try flow.track(points, from: pa, to: pb)
        let good = zip(points, tracks).filter { $1.isTracked }
        #expect(Double(good.count) > 0.95 * Double(points.count) && points.count > 60)
        let errors = good.map { (motion($0) - $1.point).length }.sorted()
        #expect(errors[errors.count / 2] < 0.15)
        #expect(errors[errors.count * 95 / 100] < 0.3)
        let guessed = try flow.track(points, from: pa, to: pb, guesses: points.map(motion))
        #expect(guessed.count { $0.isTracked } >= good.count)
        // A picture of something else: what cannot come back is not tracked.
        let other = try flow.pyramid(of: Texture(seed: 99).image(320, 240) { $0 })
        let lost = try flow.track(points, from: pa, to: other)
        #expect(lost.count { $0.isTracked } < points.count / 4)
        #expect(throws: ImagingError.self) {
            try flow.track(points, from: pa, to: flow.pyramid(of: Image(width: 50, height: 50, channels: 1)))
        }
        #expect(try flow.track([Vector2(.nan, 1e300)], from: pa, to: pb)[0].isTracked == false)
    }

    @Test(arguments: FeatureKind.allCases) func featuresAreWhereBlobsAre(kind: FeatureKind) throws {
        var random = Noise(state: 12)
        var centers: [Vector2] = []
        for row in 0..<8 {
            for column in 0..<10 {
                centers.append(
                    Vector2(40 + 40 * Double(column) + 10 * random.uniform() - 5, 40 + 40 * Double(row) + 10 * random.uniform() - 5))
            }
        }
        var image = Image(width: 440, height: 360, channels: 1)
        for y in 0..<image.height {
            for x in 0..<image.width {
                var v = 40.0
                for (i, c) in centers.enumerated() {
                    let (dx, dy) = (Double(x) - c.x, Double(y) - c.y)
                    let (a, s) = kind == .orb ? (abs(dx) + abs(dy), 3.0) : (dx * dx + dy * dy, 2 * 6.0 + Double(i % 3) * 8)
                    if a < 8 * s { v += 160 * exp(-a / s) }
                }
                image[x, y] = UInt8(min(255, v.rounded()))
            }
        }
        var detector = FeatureDetector()
        detector.options.kind = kind
        var errors: [Vector2] = []
        for k in try detector.detect(in: image).keypoints {
            guard let c = centers.min(by: { ($0 - k.position).length < ($1 - k.position).length }), (c - k.position).length < 1.5 else {
                continue
            }
            errors.append(k.position - c)
        }
        #expect(errors.count > 40)
        let mean = errors.reduce(Vector2.zero, +) / Double(errors.count)
        #expect(mean.length < (kind == .orb ? 0.15 : 0.05), "\(kind) \(mean) of \(errors.count)")
    }

    @Test(arguments: FeatureKind.allCases) func featuresMatchAcrossATurnOfThePicture(kind: FeatureKind) throws {
        let texture = Texture(seed: 7, waves: 140)
        let (c, s) = (cos(0.5), sin(0.5))
        let center = Vector2(200, 150)
        let a = texture.image(400, 300) { $0 }
        let b = texture.image(400, 300) { p in
            let d = p - center
            return center + Vector2(c * d.x - s * d.y, s * d.x + c * d.y) * 0.9
        }
        var options = FeatureDetector.Options()
        options.kind = kind
        options.maximumCount = 400
        let detector = FeatureDetector(options: options)
        let (fa, fb) = (try detector.detect(in: a), try detector.detect(in: b))
        #expect(fa.count > 80)
        let matches = try FeatureMatcher().match(fa, fb)
        #expect(matches.count > 30)
        let errors = matches.map { m -> Double in
            let d = fb.keypoints[m.second].position - center
            return (center + Vector2(c * d.x - s * d.y, s * d.x + c * d.y) * 0.9 - fa.keypoints[m.first].position).length
        }
        #expect(Double(errors.count { $0 < 3 }) > 0.8 * Double(errors.count))
        #expect(try detector.detect(in: a) == fa)
        let again = try detector.describe(fa.keypoints, in: a)
        #expect(again.features.count > fa.count / 2)
        #expect(try FeatureMatcher().match(fa, FeatureSet(kind: kind)).isEmpty)
        #expect(try detector.detect(in: Image(width: 200, height: 100, channels: 1)).count == 0)
    }

    /// 100 points seen by two cameras of known motion, with noise of 0.05° and 30 % outliers.
    @Test func posesFromBearings() throws {
        var noise = Noise(state: 8)
        let rotation = Rotation(vector: Vector3(0.1, -0.3, 0.2))
        let translation = Vector3(0.3, -0.1, 0.2)
        var points: [Vector3] = []
        var a: [Vector3] = []
        var b: [Vector3] = []
        func noisy(_ v: Vector3, _ sigma: Double) -> Vector3 {
            (v.normalized + sigma * Vector3(noise.gaussian(), noise.gaussian(), noise.gaussian())).normalized
        }
        for i in 0..<100 {
            let p = Vector3(4 * noise.uniform() - 2, 4 * noise.uniform() - 2, 0.5 + 2 * noise.uniform())
            points.append(p)
            a.append(noisy(p, 0.05 * .pi / 180))
            let q = i % 10 < 3 ? Vector3(noise.gaussian(), noise.gaussian(), noise.gaussian()) : rotation * p + translation
            b.append(noisy(q, 0.05 * .pi / 180))
        }
        let absolute = try #require(try AbsolutePose.estimate(bearings: b, points: points))
        #expect(absolute.rotation.angle(to: rotation) * 180 / .pi < 0.05)
        #expect((absolute.translation - translation).length < 0.002)
        #expect(absolute.inliers.count >= 69 && absolute.inliers.count { $0 % 10 < 3 } <= 1)
        let relative = try #require(try RelativePose.estimate(from: a, to: b))
        #expect(relative.rotation.angle(to: rotation) * 180 / .pi < 0.1)
        #expect(acos(min(1, relative.translation.dot(translation.normalized))) * 180 / .pi < 0.5)
        #expect(try RelativePose.estimate(from: a, to: b) == relative)
        #expect(try AbsolutePose.estimate(bearings: Array(b.prefix(3)), points: Array(points.prefix(3))) == nil)
        #expect(try RelativePose.estimate(from: [], to: []) == nil)
        // No way between the cameras: the rotation still holds.
        let turned = try #require(
            try RelativePose.estimate(from: points.map { noisy($0, 1e-4) }, to: points.map { noisy(rotation * $0, 1e-4) }))
        #expect(turned.rotation.angle(to: rotation) * 180 / .pi < 0.1)
    }

    /// A desk alone has two explanations with the same epipolar error; the false one puts much of it behind the camera.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func relativePoseOfAPlaneIsTheOneInFront(seed: UInt64) throws {
        var noise = Noise(state: seed)
        let rotation = Rotation(vector: Vector3(0.03, -0.05, 0.04))
        let translation = Vector3(0.06, 0.02, -0.01)
        var a: [Vector3] = []
        var b: [Vector3] = []
        for _ in 0..<150 {
            let p = Vector3(2 * noise.uniform() - 1, 2 * noise.uniform() - 1, 0.6)
            func seen(_ v: Vector3) -> Vector3 {
                (v.normalized + 3e-4 * Vector3(noise.gaussian(), noise.gaussian(), noise.gaussian())).normalized
            }
            a.append(seen(p))
            b.append(seen(rotation * p + translation))
        }
        let pose = try #require(try RelativePose.estimate(from: a, to: b))
        #expect(pose.rotation.angle(to: rotation) * 180 / .pi < 0.5)
        #expect(acos(min(1, pose.translation.dot(translation.normalized))) * 180 / .pi < 8)
    }
}
