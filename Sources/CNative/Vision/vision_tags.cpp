#include "vision.hpp"

#include <opencv2/aruco.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <numeric>

using namespace gt;

namespace {

double sample(const cv::Mat& m, double x, double y) {
    x = std::clamp(x, 0.0, m.cols - 1.001);
    y = std::clamp(y, 0.0, m.rows - 1.001);
    int c = int(x), r = int(y);
    double u = x - c, v = y - r;
    const uint8_t *p = m.ptr<uint8_t>(r) + c, *q = m.ptr<uint8_t>(std::min(r + 1, m.rows - 1)) + c;
    int d = c + 1 < m.cols ? 1 : 0;
    return (1 - v) * ((1 - u) * p[0] + u * p[d]) + v * ((1 - u) * q[0] + u * q[d]);
}

/// A side of the black square: its offset from the chord a-b, outwards, as a parabola of the position t in 0...1.
struct Side {
    cv::Point2d a, along, outward;
    double length = 0, c0 = 0, c1 = 0, c2 = 0;
    bool good = false;
    cv::Point2d at(double t) const { return a + along * (t * length) + outward * (c0 + t * (c1 + t * c2)); }
};

/// Where black turns to white across the side, at many places: the centroid of the outward derivative.
Side trace(const cv::Mat& m, cv::Point2d a, cv::Point2d b, cv::Point2d center) {
    Side side;
    side.a = a;
    side.length = cv::norm(b - a);
    if (side.length < 8) return side;
    side.along = (b - a) / side.length;
    side.outward = cv::Point2d(-side.along.y, side.along.x);
    if ((center - a).dot(side.outward) > 0) side.outward = -side.outward;
    // Half a module of the border: further in the pattern begins.
    double reach = std::clamp(side.length / 12, 1.5, 4.0);
    int count = std::clamp(int(side.length / 2), 6, 60);
    std::vector<double> ts, offsets;
    for (int i = 0; i < count; i++) {
        // The ends are rounded by the blur of the other side.
        double t = 0.1 + 0.8 * (i + 0.5) / count;
        cv::Point2d p = a + side.along * (t * side.length);
        double shift = 0;
        bool found = false;
        for (int pass = 0; pass < 3; pass++) {
            double sum = 0, moment = 0, step = 0.25;
            for (double s = -reach; s < reach - 1e-9; s += step) {
                cv::Point2d q0 = p + side.outward * (shift + s), q1 = p + side.outward * (shift + s + step);
                double d = sample(m, q1.x, q1.y) - sample(m, q0.x, q0.y);
                if (d <= 0) continue;
                sum += d;
                moment += d * (s + step / 2);
            }
            found = sum > 15;
            if (!found) break;
            shift += moment / sum;
        }
        if (found && std::abs(shift) < 2 * reach) {
            ts.push_back(t);
            offsets.push_back(shift);
        }
    }
    if (ts.size() < 5) return side;
    // A fisheye bends long sides; short ones do not show it.
    int terms = side.length >= 30 ? 3 : 2;
    std::vector<uint8_t> use(ts.size(), 1);
    for (int round = 0; round < 2; round++) {
        int n = int(std::count(use.begin(), use.end(), 1));
        if (n < terms + 2) return side;
        cv::Mat rows(n, terms, CV_64F), values(n, 1, CV_64F), solution;
        for (size_t i = 0, k = 0; i < ts.size(); i++) {
            if (!use[i]) continue;
            for (int j = 0; j < terms; j++) rows.at<double>(int(k), j) = std::pow(ts[i], j);
            values.at<double>(int(k++), 0) = offsets[i];
        }
        if (!cv::solve(rows, values, solution, cv::DECOMP_QR)) return side;
        side.c0 = solution.at<double>(0);
        side.c1 = solution.at<double>(1);
        side.c2 = terms == 3 ? solution.at<double>(2) : 0;
        double sum = 0;
        for (size_t i = 0; i < ts.size(); i++) sum += use[i] ? std::pow(offsets[i] - side.c0 - ts[i] * (side.c1 + ts[i] * side.c2), 2) : 0;
        double limit = std::max(0.15, 2.5 * std::sqrt(sum / n));
        for (size_t i = 0; i < ts.size(); i++) use[i] = std::abs(offsets[i] - side.c0 - ts[i] * (side.c1 + ts[i] * side.c2)) < limit;
    }
    side.good = true;
    return side;
}

/// Corners as the crossings of the sides. cv::cornerSubPix, made for saddles, draws the corner of a square inwards by a quarter of a
/// pixel: half a percent of a tag 60 pixels wide, and with it of the map's scale.
void refine_by_sides(const cv::Mat& m, std::vector<cv::Point2f>& corners) {
    std::vector<cv::Point2d> c(corners.begin(), corners.end());
    for (int pass = 0; pass < 2; pass++) {
        cv::Point2d center = (c[0] + c[1] + c[2] + c[3]) * 0.25;
        Side sides[4];
        for (size_t i = 0; i < 4; i++) {
            sides[i] = trace(m, c[i], c[(i + 1) % 4], center);
            if (!sides[i].good) return;
        }
        std::vector<cv::Point2d> next(4);
        for (size_t i = 0; i < 4; i++) {
            const Side &p = sides[(i + 3) % 4], &q = sides[i];
            double t = 1, u = 0;
            for (int k = 0; k < 5; k++) {
                cv::Point2d tp = p.along * p.length + p.outward * (p.c1 + 2 * p.c2 * t);
                cv::Point2d tq = q.along * q.length + q.outward * (q.c1 + 2 * q.c2 * u);
                cv::Point2d gap = q.at(u) - p.at(t);
                double det = -tp.x * tq.y + tp.y * tq.x;
                if (std::abs(det) < 1e-6) return;
                t += (-gap.x * tq.y + gap.y * tq.x) / det;
                u += (tp.x * gap.y - tp.y * gap.x) / det;
            }
            next[i] = (p.at(t) + q.at(u)) * 0.5;
            if (!(cv::norm(next[i] - cv::Point2d(corners[i])) < 2.5)) return;
        }
        c = next;
    }
    for (size_t i = 0; i < 4; i++) corners[i] = cv::Point2f(c[i]);
}

}  // namespace

gt_status gt_detect_tags(gt_view8 view, gt_box box, gt_tag_options o, gt_tag* tags, int32_t capacity, int32_t* found) {
    return vision([&] {
        cv::Mat source = gray(view);
        require(box.width > 0 && box.height > 0 && box.x >= 0 && box.y >= 0 && box.x <= source.cols - box.width &&
                    box.y <= source.rows - box.height,
                "the box to search leaves the picture");
        cv::Mat part = source(cv::Rect(box.x, box.y, box.width, box.height));
        double of_part = double(std::max(source.cols, source.rows)) / std::max(part.cols, part.rows);
        require(found != nullptr && capacity >= 0 && (tags != nullptr || capacity == 0), "the tag buffer is null");
        require(o.window_min >= 3 && o.window_max >= o.window_min && o.window_step >= 1, "threshold windows: 3 <= smallest <= largest");
        auto p = cv::aruco::DetectorParameters::create();
        p->adaptiveThreshWinSizeMin = o.window_min;
        p->adaptiveThreshWinSizeMax = o.window_max;
        p->adaptiveThreshWinSizeStep = o.window_step;
        p->adaptiveThreshConstant = o.threshold_constant;
        p->minMarkerPerimeterRate = o.min_perimeter_rate * of_part;
        p->maxMarkerPerimeterRate = o.max_perimeter_rate * of_part;
        p->polygonalApproxAccuracyRate = o.polygon_accuracy;
        p->errorCorrectionRate = o.error_correction;
        p->cornerRefinementMethod = cv::aruco::CORNER_REFINE_NONE;
        auto dictionary = cv::aruco::getPredefinedDictionary(cv::aruco::DICT_4X4_50);
        std::vector<std::vector<cv::Point2f>> corners;
        std::vector<int> ids;
        int divisor = o.detection_width > 0 ? (source.cols + o.detection_width - 1) / o.detection_width : 1;
        cv::Mat searched = part;
        if (divisor > 1) {
            cv::Size size(std::max(1, part.cols / divisor), std::max(1, part.rows / divisor));
            cv::resize(part, searched, size, 0, 0, cv::INTER_AREA);
        }
        cv::aruco::detectMarkers(searched, dictionary, corners, ids, p);
        float sx = float(part.cols) / float(searched.cols), sy = float(part.rows) / float(searched.rows);
        for (auto& c : corners)
            for (auto& q : c) q = cv::Point2f((q.x + 0.5f) * sx - 0.5f + float(box.x), (q.y + 0.5f) * sy - 0.5f + float(box.y));
        if (int32_t(ids.size()) > capacity) invalid("more tags than there is room for");
        for (auto& c : corners) {
            // A window that reaches the neighbouring module's corners would pull the corner there: a tenth of the side at most.
            double side = 1e9;
            for (int i = 0; i < 4; i++) side = std::min(side, cv::norm(c[i] - c[(i + 1) % 4]));
            int window = std::clamp(int(side / 10 + 0.5), 1, std::max(1, o.refine_window));
            if (o.refine_window > 0) {
                cv::cornerSubPix(
                    source, c, cv::Size(window, window), cv::Size(-1, -1),
                    cv::TermCriteria(cv::TermCriteria::MAX_ITER | cv::TermCriteria::EPS, std::max(1, o.refine_iterations),
                                     o.refine_accuracy));
            }
            if (o.refine_by_sides != 0) refine_by_sides(source, c);
        }
        std::vector<size_t> order(ids.size());
        std::iota(order.begin(), order.end(), 0);
        std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
            if (ids[a] != ids[b]) return ids[a] < ids[b];
            if (corners[a][0].y != corners[b][0].y) return corners[a][0].y < corners[b][0].y;
            return corners[a][0].x < corners[b][0].x;
        });
        for (size_t i = 0; i < order.size(); i++) {
            tags[i].id = ids[order[i]];
            for (int k = 0; k < 4; k++) {
                tags[i].corners[2 * k] = corners[order[i]][k].x;
                tags[i].corners[2 * k + 1] = corners[order[i]][k].y;
            }
        }
        *found = int32_t(order.size());
    });
}

gt_status gt_draw_tag(int32_t id, gt_buffer8 out) {
    return vision([&] {
        cv::Mat target = mat(out), result;
        require(target.channels() == 1 && target.rows == target.cols, "a tag is drawn in a square grey picture");
        require(id >= 0 && id < 50, "DICT_4X4_50 has the ids 0 to 49");
        require(target.rows >= 6, "a tag needs at least 6 pixels a side");
        cv::aruco::getPredefinedDictionary(cv::aruco::DICT_4X4_50)->drawMarker(id, target.rows, result, 1);
        write(result, target);
    });
}
