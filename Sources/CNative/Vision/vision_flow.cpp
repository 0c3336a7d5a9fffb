#include "vision.hpp"

#include <opencv2/video/tracking.hpp>

#include <memory>

using namespace gt;

struct gt_pyramid {
    std::vector<cv::Mat> levels;
    int window, top;
    cv::Size size;
};

gt_status gt_pyramid_create(gt_view8 view, int32_t window, int32_t levels, gt_pyramid** out) {
    return vision([&] {
        require(out != nullptr, "the result is null");
        *out = nullptr;
        cv::Mat source = gray(view);
        require(window >= 3 && window <= 101 && window % 2 == 1, "the flow's window must be odd, 3 to 101 pixels");
        require(levels >= 0 && levels <= 10, "0 to 10 pyramid levels");
        auto pyramid = std::make_unique<gt_pyramid>();
        // The caller's memory does not outlive this call: the pyramid must not alias it.
        pyramid->top = cv::buildOpticalFlowPyramid(
            source, pyramid->levels, cv::Size(window, window), levels, true, cv::BORDER_REFLECT_101, cv::BORDER_CONSTANT, false);
        pyramid->window = window;
        pyramid->size = source.size();
        *out = pyramid.release();
    });
}

void gt_pyramid_free(gt_pyramid* pyramid) { delete pyramid; }

gt_status gt_flow(
    const gt_pyramid* from, const gt_pyramid* to, const double* points, const double* guess, int32_t count, gt_flow_options o,
    double* found, uint8_t* ok, float* error, float* round_trip) {
    return vision([&] {
        require(from != nullptr && to != nullptr, "a pyramid is null");
        require(from->size == to->size && from->window == to->window, "the pyramids differ in size or window");
        require(count >= 0, "the number of points is negative");
        if (count == 0) return;
        require(
            points != nullptr && found != nullptr && ok != nullptr && error != nullptr && round_trip != nullptr, "a point buffer is null");
        size_t n = size_t(count);
        std::vector<cv::Point2f> start(n), end(n), back;
        for (size_t i = 0; i < n; i++) {
            start[i] = cv::Point2f(float(points[2 * i]), float(points[2 * i + 1]));
            end[i] = guess == nullptr ? start[i] : cv::Point2f(float(guess[2 * i]), float(guess[2 * i + 1]));
            // Positions that no picture has: OpenCV converts them to int, which is undefined beyond its range.
            for (cv::Point2f* p : {&start[i], &end[i]}) {
                if (!(std::abs(p->x) < 1e6f && std::abs(p->y) < 1e6f)) *p = cv::Point2f(-1e5f, -1e5f);
            }
        }
        cv::TermCriteria stop(cv::TermCriteria::COUNT | cv::TermCriteria::EPS, std::max(1, o.iterations), std::max(1e-6, o.epsilon));
        cv::Size window(from->window, from->window);
        int top = std::min(from->top, to->top);
        std::vector<uint8_t> there, again;
        std::vector<float> residual, unused;
        cv::calcOpticalFlowPyrLK(
            from->levels, to->levels, start, end, there, residual, window, top, stop, cv::OPTFLOW_USE_INITIAL_FLOW, o.min_eigenvalue);
        bool both = o.max_forward_backward >= 0;
        if (both) {
            back = start;
            cv::calcOpticalFlowPyrLK(
                to->levels, from->levels, end, back, again, unused, window, top, stop, cv::OPTFLOW_USE_INITIAL_FLOW, o.min_eigenvalue);
        }
        for (size_t i = 0; i < n; i++) {
            cv::Point2f far(float(from->size.width - 1), float(from->size.height - 1));
            bool inside = end[i].x >= 0 && end[i].y >= 0 && end[i].x <= far.x && end[i].y <= far.y;
            double way = both ? cv::norm(back[i] - start[i]) : 0;
            bool good = there[i] != 0 && inside && (!both || (again[i] != 0 && way <= o.max_forward_backward));
            found[2 * i] = end[i].x;
            found[2 * i + 1] = end[i].y;
            ok[i] = good ? 1 : 0;
            error[i] = residual[i];
            round_trip[i] = float(way);
        }
    });
}
