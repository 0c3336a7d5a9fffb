#include "vision.hpp"

#include <opencv2/calib3d.hpp>

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>

using namespace gt;
using Eigen::Matrix3d;
using Eigen::Vector3d;

namespace {

/// splitmix64: small, and the same on every platform, which std::uniform_int_distribution is not.
class Sampler {
  public:
    explicit Sampler(uint64_t seed) : state_(seed) {}
    /// `k` different indices below `n`.
    void draw(int n, int k, int* out) {
        for (int i = 0; i < k; i++) {
            do out[i] = int(next() % uint64_t(n));
            while (std::find(out, out + i, out[i]) != out + i);
        }
    }

  private:
    uint64_t next() {
        uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    uint64_t state_;
};

struct Pose {
    Matrix3d rotation = Matrix3d::Identity();
    Vector3d translation = Vector3d::Zero();
};

Matrix3d exponential(const Vector3d& v) {
    double angle = v.norm();
    if (angle < 1e-12) return Matrix3d::Identity();
    return Eigen::AngleAxisd(angle, v / angle).toRotationMatrix();
}

std::vector<Vector3d> vectors(const double* data, int32_t count, bool unit, const char* name) {
    require(data != nullptr, name);
    std::vector<Vector3d> out;
    out.reserve(size_t(count));
    for (int32_t i = 0; i < count; i++) {
        Vector3d v(data[3 * i], data[3 * i + 1], data[3 * i + 2]);
        if (!v.allFinite()) invalid(std::string(name) + ": entry " + std::to_string(i) + " is not finite");
        if (unit) {
            if (!(v.norm() > 1e-9)) invalid(std::string(name) + ": entry " + std::to_string(i) + " has no direction");
            v.normalize();
        }
        out.push_back(v);
    }
    return out;
}

/// Samples needed so that with probability `confidence` one had no outlier.
int iterations_for(double inlier_share, int sample, double confidence, int limit) {
    double good = std::pow(std::clamp(inlier_share, 0.0, 1.0), sample);
    if (good >= 1) return 1;
    if (good <= 1e-12) return limit;
    double n = std::log(1 - std::min(confidence, 0.999999)) / std::log(1 - good);
    return std::min(limit, int(std::ceil(n)));
}

/// Truncated sum of squared angular errors; lower is better.
template <class Error>
double score(size_t count, double threshold, Error&& error, int* inliers) {
    double sum = 0;
    *inliers = 0;
    for (size_t i = 0; i < count; i++) {
        double e = std::abs(error(i));
        if (e <= threshold) {
            (*inliers)++;
            sum += e * e;
        } else {
            sum += threshold * threshold;
        }
    }
    return sum;
}

template <class Error>
std::vector<size_t> within(size_t count, double threshold, Error&& error) {
    std::vector<size_t> out;
    for (size_t i = 0; i < count; i++) {
        if (std::abs(error(i)) <= threshold) out.push_back(i);
    }
    return out;
}

/// The best hypothesis of a RANSAC run so far, and how many samples it still needs.
struct Ransac {
    const gt_ransac_options& options;
    int count, sample;
    int limit = options.max_iterations;
    Pose best{};
    double best_score = 1e300;
    int best_inliers = 0;

    void take(const Pose& pose, double value, int inliers, int iteration) {
        best = pose;
        best_score = value;
        best_inliers = inliers;
        int needed = iterations_for(double(inliers) / count, sample, options.confidence, options.max_iterations);
        limit = std::min(limit, std::max(iteration + 1, needed));
    }

    /// Refines on the inliers and takes them anew, twice; empty when fewer than `minimum` are left.
    template <class Error, class Refine>
    std::vector<size_t> polish(int minimum, Error&& error, Refine&& refine) {
        if (best_inliers < minimum) return {};
        auto all = size_t(count), least = size_t(minimum);
        auto inliers = within(all, options.threshold, error);
        for (int round = 0; round < 2 && options.refine_iterations > 0 && inliers.size() >= least; round++) {
            refine(inliers);
            inliers = within(all, options.threshold, error);
        }
        return inliers.size() >= least ? inliers : std::vector<size_t>{};
    }
};

double angle_to(const Pose& pose, const Vector3d& point, const Vector3d& bearing) {
    Vector3d p = pose.rotation * point + pose.translation;
    return std::atan2(p.cross(bearing).norm(), p.dot(bearing));
}

void refine_absolute(
    Pose& pose, const std::vector<Vector3d>& bearings, const std::vector<Vector3d>& points, const std::vector<size_t>& inliers,
    double threshold, int iterations) {
    for (int k = 0; k < iterations; k++) {
        Eigen::Matrix<double, 6, 6> h = Eigen::Matrix<double, 6, 6>::Zero();
        Eigen::Matrix<double, 6, 1> g = Eigen::Matrix<double, 6, 1>::Zero();
        for (size_t i : inliers) {
            Vector3d rotated = pose.rotation * points[i], p = rotated + pose.translation;
            double length = p.norm();
            if (length < 1e-9) continue;
            Vector3d u = p / length;
            Vector3d e1 = bearings[i].unitOrthogonal(), e2 = bearings[i].cross(e1);
            Eigen::Matrix<double, 2, 3> basis;
            basis << e1.transpose(), e2.transpose();
            Eigen::Vector2d r = basis * u;
            Eigen::Matrix<double, 2, 3> d = basis * (Matrix3d::Identity() - u * u.transpose()) / length;
            Matrix3d skew;
            skew << 0, -rotated.z(), rotated.y(), rotated.z(), 0, -rotated.x(), -rotated.y(), rotated.x(), 0;
            Eigen::Matrix<double, 2, 6> j;
            j << -d * skew, d;
            double e = r.norm(), huber = threshold / 2, w = e <= huber ? 1 : huber / e;
            h += w * j.transpose() * j;
            g += w * j.transpose() * r;
        }
        Eigen::Matrix<double, 6, 1> step = -h.ldlt().solve(g);
        if (!step.allFinite()) return;
        pose.rotation = exponential(step.head<3>()) * pose.rotation;
        pose.translation += step.tail<3>();
        if (step.norm() < 1e-12) break;
    }
}

/// Sampson's distance on the sphere: about the angle of either bearing to its epipolar plane, radians over √2.
double epipolar_error(const Pose& pose, const Vector3d& a, const Vector3d& b) {
    Vector3d p = pose.translation.cross(pose.rotation * a);
    Vector3d q = pose.rotation.transpose() * b.cross(pose.translation);
    double n = std::sqrt(p.squaredNorm() + q.squaredNorm());
    return n < 1e-12 ? 0 : b.dot(p) / n;
}

void refine_relative(
    Pose& pose, const std::vector<Vector3d>& a, const std::vector<Vector3d>& b, const std::vector<size_t>& inliers, double threshold,
    int iterations) {
    auto moved = [](const Pose& from, const Eigen::Matrix<double, 5, 1>& d) {
        Pose out;
        out.rotation = exponential(d.head<3>()) * from.rotation;
        Vector3d e1 = from.translation.unitOrthogonal(), e2 = from.translation.cross(e1);
        out.translation = exponential(e1 * d[3] + e2 * d[4]) * from.translation;
        return out;
    };
    auto cost = [&](const Pose& p) {
        double sum = 0;
        for (size_t i : inliers) {
            double e = std::abs(epipolar_error(p, a[i], b[i])), h = threshold / 2;
            sum += e <= h ? e * e : h * (2 * e - h);
        }
        return sum;
    };
    double lambda = 1e-6, current = cost(pose);
    for (int k = 0; k < iterations; k++) {
        Eigen::Matrix<double, 5, 5> h = Eigen::Matrix<double, 5, 5>::Zero();
        Eigen::Matrix<double, 5, 1> g = Eigen::Matrix<double, 5, 1>::Zero();
        const double step = 1e-6;
        Pose plus[5], minus[5];
        for (int c = 0; c < 5; c++) {
            Eigen::Matrix<double, 5, 1> d = Eigen::Matrix<double, 5, 1>::Zero();
            d[c] = step;
            plus[c] = moved(pose, d);
            minus[c] = moved(pose, -d);
        }
        for (size_t i : inliers) {
            double r = epipolar_error(pose, a[i], b[i]);
            Eigen::Matrix<double, 5, 1> j;
            for (int c = 0; c < 5; c++) j[c] = (epipolar_error(plus[c], a[i], b[i]) - epipolar_error(minus[c], a[i], b[i])) / (2 * step);
            double e = std::abs(r), huber = threshold / 2, w = e <= huber ? 1 : huber / e;
            h += w * j * j.transpose();
            g += w * j * r;
        }
        Eigen::Matrix<double, 5, 5> damped = h;
        damped.diagonal() += Eigen::Matrix<double, 5, 1>::Constant(lambda * h.trace() / 5 + 1e-18);
        Eigen::Matrix<double, 5, 1> d = -damped.ldlt().solve(g);
        if (!d.allFinite()) return;
        if (d.norm() > 0.2) d *= 0.2 / d.norm();
        Pose next = moved(pose, d);
        double value = cost(next);
        if (value <= current) {
            pose = next;
            lambda = std::max(lambda / 10, 1e-9);
            bool done = current - value <= 1e-12 * current;
            current = value;
            if (done) break;
        } else {
            lambda *= 100;
            if (lambda > 1e3) break;
        }
    }
}

/// Whether a point whose two bearings differ by more than `parallax` radians would lie behind a camera. Of a plane's two explanations the
/// false one has much of it there, although its epipolar error is the same.
bool is_behind(const Pose& pose, const Vector3d& a, const Vector3d& b, double parallax) {
    Vector3d r = pose.rotation * a;
    double c = r.dot(b), det = 1 - c * c;
    if (det < parallax * parallax) return false;
    double rt = r.dot(pose.translation), bt = b.dot(pose.translation);
    return c * bt - rt <= 0 || bt - c * rt <= 0;
}

/// How many points lie in front of both cameras.
int in_front(const Pose& pose, const std::vector<Vector3d>& a, const std::vector<Vector3d>& b, const std::vector<size_t>& indices) {
    int n = 0;
    for (size_t i : indices) {
        // λb b = λa R a + t in the least-squares sense.
        Vector3d r = pose.rotation * a[i];
        double c = r.dot(b[i]), det = 1 - c * c;
        if (det < 1e-10) continue;
        double rt = r.dot(pose.translation), bt = b[i].dot(pose.translation);
        double depth_a = (c * bt - rt) / det, depth_b = (bt - c * rt) / det;
        if (depth_a > 0 && depth_b > 0) n++;
    }
    return n;
}

void finish(const Pose& pose, const std::vector<size_t>& inliers, int32_t count, double* rotation, double* translation, uint8_t* mask) {
    for (int r = 0; r < 3; r++) {
        for (int c = 0; c < 3; c++) rotation[3 * r + c] = pose.rotation(r, c);
        translation[r] = pose.translation[r];
    }
    std::fill(mask, mask + count, uint8_t(0));
    for (size_t i : inliers) mask[i] = 1;
}

void check_options(const gt_ransac_options& o) {
    require(o.max_iterations >= 1 && o.max_iterations <= 1000000, "1 to 1000000 samples");
    require(o.threshold > 0 && o.threshold < 1, "the inlier threshold must be in (0, 1) radians");
    require(o.confidence > 0 && o.confidence < 1, "the confidence must be in (0, 1)");
}

/// The essential matrices of five pairs; pairs with a bearing at 90° to the axis cannot be normalised and give none.
std::vector<Matrix3d> five_point(const std::vector<Vector3d>& a, const std::vector<Vector3d>& b, const int* sample) {
    std::vector<cv::Point2d> p, q;
    for (int k = 0; k < 5; k++) {
        const Vector3d &u = a[size_t(sample[k])], &v = b[size_t(sample[k])];
        if (std::abs(u.z()) < 0.02 || std::abs(v.z()) < 0.02) return {};
        p.emplace_back(u.x() / u.z(), u.y() / u.z());
        q.emplace_back(v.x() / v.z(), v.y() / v.z());
    }
    cv::Mat e = cv::findEssentialMat(p, q, cv::Mat::eye(3, 3, CV_64F), cv::RANSAC, 0.999, 1e-3);
    std::vector<Matrix3d> out;
    for (int r = 0; r + 3 <= e.rows; r += 3) {
        Matrix3d m;
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) m(i, j) = e.at<double>(r + i, j);
        }
        if (m.allFinite()) out.push_back(m);
    }
    return out;
}

std::vector<Pose> decompose(const Matrix3d& e) {
    Eigen::JacobiSVD<Matrix3d> svd(e, Eigen::ComputeFullU | Eigen::ComputeFullV);
    Matrix3d u = svd.matrixU(), v = svd.matrixV(), w;
    if (u.determinant() < 0) u.col(2) *= -1;
    if (v.determinant() < 0) v.col(2) *= -1;
    w << 0, -1, 0, 1, 0, 0, 0, 0, 1;
    std::vector<Pose> out;
    for (const Matrix3d& r : {Matrix3d(u * w * v.transpose()), Matrix3d(u * w.transpose() * v.transpose())}) {
        out.push_back({r, u.col(2)});
        out.push_back({r, -u.col(2)});
    }
    return out;
}

}  // namespace

gt_status gt_absolute_pose(
    const double* bearing_data, const double* point_data, int32_t count, gt_ransac_options o, double* rotation, double* translation,
    uint8_t* mask, int32_t* found) {
    return vision([&] {
        require(found != nullptr, "the result flag is null");
        *found = 0;
        require(count >= 0 && rotation != nullptr && translation != nullptr && mask != nullptr, "a result buffer is null");
        check_options(o);
        if (count < 4) return;
        auto bearings = vectors(bearing_data, count, true, "bearings");
        auto points = vectors(point_data, count, false, "points");
        size_t n = size_t(count);
        Sampler sampler(o.seed);
        Ransac run{o, count, 3};
        for (int k = 0; k < run.limit; k++) {
            int sample[3];
            sampler.draw(count, 3, sample);
            std::vector<cv::Point3d> object;
            std::vector<cv::Point2d> image;
            // P3P takes points of a plane z = 1: the sample is seen by a camera turned to its mean direction.
            Vector3d mean = bearings[size_t(sample[0])] + bearings[size_t(sample[1])] + bearings[size_t(sample[2])];
            if (mean.norm() < 0.1) continue;
            Matrix3d turn = Eigen::Quaterniond::FromTwoVectors(mean, Vector3d::UnitZ()).toRotationMatrix();
            bool usable = true;
            for (int i : sample) {
                Vector3d b = turn * bearings[size_t(i)];
                const Vector3d& p = points[size_t(i)];
                usable = usable && b.z() > 0.05;
                object.emplace_back(p.x(), p.y(), p.z());
                image.emplace_back(b.x() / b.z(), b.y() / b.z());
            }
            if (!usable) continue;
            std::vector<cv::Mat> rotations, translations;
            int solutions =
                cv::solveP3P(object, image, cv::Mat::eye(3, 3, CV_64F), cv::noArray(), rotations, translations, cv::SOLVEPNP_P3P);
            for (int s = 0; s < solutions; s++) {
                const cv::Mat &rv = rotations[size_t(s)], &tv = translations[size_t(s)];
                Pose pose;
                pose.rotation = turn.transpose() * exponential(Vector3d(rv.at<double>(0), rv.at<double>(1), rv.at<double>(2)));
                pose.translation = turn.transpose() * Vector3d(tv.at<double>(0), tv.at<double>(1), tv.at<double>(2));
                if (!pose.rotation.allFinite() || !pose.translation.allFinite()) continue;
                int inliers;
                double value = score(n, o.threshold, [&](size_t i) { return angle_to(pose, points[i], bearings[i]); }, &inliers);
                if (value < run.best_score) run.take(pose, value, inliers, k);
            }
        }
        auto inliers = run.polish(
            4, [&](size_t i) { return angle_to(run.best, points[i], bearings[i]); },
            [&](const auto& kept) { refine_absolute(run.best, bearings, points, kept, o.threshold, o.refine_iterations); });
        if (inliers.empty()) return;
        finish(run.best, inliers, count, rotation, translation, mask);
        *found = 1;
    });
}

gt_status gt_relative_pose(
    const double* a_data, const double* b_data, int32_t count, gt_ransac_options o, double* rotation, double* translation, uint8_t* mask,
    int32_t* found) {
    return vision([&] {
        require(found != nullptr, "the result flag is null");
        *found = 0;
        require(count >= 0 && rotation != nullptr && translation != nullptr && mask != nullptr, "a result buffer is null");
        check_options(o);
        if (count < 6) return;
        auto a = vectors(a_data, count, true, "bearings of the first camera");
        auto b = vectors(b_data, count, true, "bearings of the second camera");
        size_t n = size_t(count);
        Sampler sampler(o.seed);
        Ransac run{o, count, 5};
        for (int k = 0; k < run.limit; k++) {
            int sample[5];
            sampler.draw(count, 5, sample);
            for (const Matrix3d& e : five_point(a, b, sample)) {
                // Both rotations and either sign have the same epipolar error, which bounds the score with points behind a camera from
                // below: most samples end here.
                auto poses = decompose(e);
                int inliers;
                double value = score(n, o.threshold, [&](size_t i) { return epipolar_error(poses[0], a[i], b[i]); }, &inliers);
                if (value >= run.best_score) continue;
                const Pose* chosen = nullptr;
                value = run.best_score;
                for (const Pose& pose : poses) {
                    int in;
                    double full = score(
                        n, o.threshold,
                        [&](size_t i) { return is_behind(pose, a[i], b[i], o.threshold) ? 1.0 : epipolar_error(pose, a[i], b[i]); }, &in);
                    if (full < value) {
                        value = full;
                        inliers = in;
                        chosen = &pose;
                    }
                }
                if (chosen != nullptr) run.take(*chosen, value, inliers, k);
            }
        }
        auto inliers = run.polish(
            6, [&](size_t i) { return epipolar_error(run.best, a[i], b[i]); },
            [&](const auto& kept) { refine_relative(run.best, a, b, kept, o.threshold, o.refine_iterations); });
        if (inliers.empty()) return;
        Pose opposite{run.best.rotation, -run.best.translation};
        if (in_front(opposite, a, b, inliers) > in_front(run.best, a, b, inliers)) run.best = opposite;
        finish(run.best, inliers, count, rotation, translation, mask);
        *found = 1;
    });
}

gt_status gt_square_pose(const double* normalised, double side, double* rotations, double* translations, double* errors, int32_t* found) {
    return vision([&] {
        require(
            normalised != nullptr && rotations != nullptr && translations != nullptr && errors != nullptr && found != nullptr,
            "a buffer is null");
        *found = 0;
        require(side > 0 && std::isfinite(side), "the tag's side must be positive");
        double h = side / 2;
        std::vector<cv::Point3d> object{{-h, h, 0}, {h, h, 0}, {h, -h, 0}, {-h, -h, 0}};
        std::vector<cv::Point2d> image;
        for (int i = 0; i < 4; i++) {
            require(std::isfinite(normalised[2 * i]) && std::isfinite(normalised[2 * i + 1]), "a corner is not finite");
            image.emplace_back(normalised[2 * i], normalised[2 * i + 1]);
        }
        std::vector<cv::Mat> rv, tv;
        int n = cv::solvePnPGeneric(
            object, image, cv::Mat::eye(3, 3, CV_64F), cv::noArray(), rv, tv, false, cv::SOLVEPNP_IPPE_SQUARE);
        int kept = 0;
        for (int s = 0; s < n && kept < 2; s++) {
            const cv::Mat &r = rv[size_t(s)], &t = tv[size_t(s)];
            Matrix3d m = exponential(Vector3d(r.at<double>(0), r.at<double>(1), r.at<double>(2)));
            Vector3d origin(t.at<double>(0), t.at<double>(1), t.at<double>(2));
            if (!m.allFinite() || !origin.allFinite()) continue;
            double sum = 0;
            for (size_t i = 0; i < 4; i++) {
                Vector3d p = m * Vector3d(object[i].x, object[i].y, 0) + origin;
                sum += std::pow(p.x() / p.z() - image[i].x, 2) + std::pow(p.y() / p.z() - image[i].y, 2);
            }
            for (int i = 0; i < 9; i++) rotations[9 * kept + i] = m(i / 3, i % 3);
            for (int i = 0; i < 3; i++) translations[3 * kept + i] = origin[i];
            errors[kept] = std::sqrt(sum / 4);
            kept++;
        }
        *found = kept;
    });
}
