#include "vision.hpp"

#include <opencv2/aruco.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <numeric>

using namespace gt;

gt_status gt_detect_tags(gt_view8 view, gt_tag_options o, gt_tag* tags, int32_t capacity, int32_t* found) {
    return vision([&] {
        cv::Mat source = gray(view);
        require(found != nullptr && capacity >= 0 && (tags != nullptr || capacity == 0), "the tag buffer is null");
        require(o.window_min >= 3 && o.window_max >= o.window_min && o.window_step >= 1, "threshold windows: 3 <= smallest <= largest");
        auto p = cv::aruco::DetectorParameters::create();
        p->adaptiveThreshWinSizeMin = o.window_min;
        p->adaptiveThreshWinSizeMax = o.window_max;
        p->adaptiveThreshWinSizeStep = o.window_step;
        p->adaptiveThreshConstant = o.threshold_constant;
        p->minMarkerPerimeterRate = o.min_perimeter_rate;
        p->maxMarkerPerimeterRate = o.max_perimeter_rate;
        p->polygonalApproxAccuracyRate = o.polygon_accuracy;
        p->errorCorrectionRate = o.error_correction;
        p->cornerRefinementMethod = cv::aruco::CORNER_REFINE_NONE;
        auto dictionary = cv::aruco::getPredefinedDictionary(cv::aruco::DICT_4X4_50);
        std::vector<std::vector<cv::Point2f>> corners;
        std::vector<int> ids;
        cv::aruco::detectMarkers(source, dictionary, corners, ids, p);
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
