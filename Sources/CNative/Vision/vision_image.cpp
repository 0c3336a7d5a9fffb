#include "vision.hpp"

#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>

using namespace gt;

gt_status gt_resize(gt_view8 in, int32_t interpolation, gt_buffer8 out) {
    return vision([&] {
        static const int kinds[] = {cv::INTER_NEAREST, cv::INTER_LINEAR, cv::INTER_CUBIC, cv::INTER_AREA};
        require(interpolation >= 0 && interpolation < 4, "unknown interpolation");
        cv::Mat source = mat(in), target = mat(out), result;
        cv::resize(source, result, target.size(), 0, 0, kinds[interpolation]);
        write(result, target);
    });
}

gt_status gt_convert_color(gt_view8 in, int32_t conversion, gt_buffer8 out) {
    return vision([&] {
        static const int codes[] = {cv::COLOR_RGB2Lab, cv::COLOR_RGB2YCrCb};
        require(conversion >= 0 && conversion < 2, "unknown colour conversion");
        cv::Mat source = mat(in), result;
        require(source.channels() == 3, "the picture must be RGB (3 channels)");
        cv::cvtColor(source, result, codes[conversion]);
        write(result, mat(out));
    });
}

gt_status gt_gaussian_blur(gt_view8 in, double sigma, gt_buffer8 out) {
    return vision([&] {
        require(sigma > 0 && sigma < 1000, "the blur's standard deviation must be in (0, 1000) pixels");
        cv::Mat result;
        cv::GaussianBlur(mat(in), result, cv::Size(), sigma, sigma, cv::BORDER_REFLECT_101);
        write(result, mat(out));
    });
}

gt_status gt_remap(
    gt_view8 in, const float* map_x, const float* map_y, size_t map_count, int32_t interpolation, uint8_t border, gt_buffer8 out) {
    return vision([&] {
        static const int kinds[] = {cv::INTER_NEAREST, cv::INTER_LINEAR, cv::INTER_CUBIC, cv::INTER_LINEAR};
        require(interpolation >= 0 && interpolation < 4, "unknown interpolation");
        cv::Mat source = mat(in), target = mat(out), result;
        require(map_x != nullptr && map_y != nullptr && map_count >= target.total(), "the map is shorter than the output");
        cv::Mat x(target.rows, target.cols, CV_32F, const_cast<float*>(map_x));
        cv::Mat y(target.rows, target.cols, CV_32F, const_cast<float*>(map_y));
        cv::remap(source, result, x, y, kinds[interpolation], cv::BORDER_CONSTANT, cv::Scalar::all(border));
        write(result, target);
    });
}

gt_status gt_morphology(gt_view8 in, int32_t operation, int32_t radius, gt_buffer8 out) {
    return vision([&] {
        static const int kinds[] = {cv::MORPH_ERODE, cv::MORPH_DILATE, cv::MORPH_OPEN, cv::MORPH_CLOSE};
        require(operation >= 0 && operation < 4, "unknown morphological operation");
        require(radius >= 0 && radius <= 1000, "the radius must be 0 to 1000 pixels");
        cv::Mat disc = cv::getStructuringElement(cv::MORPH_ELLIPSE, cv::Size(2 * radius + 1, 2 * radius + 1)), result;
        cv::morphologyEx(mat(in), result, kinds[operation], disc);
        write(result, mat(out));
    });
}

gt_status gt_connected_components(
    gt_view8 mask_view, int32_t* labels, size_t label_count, gt_component* components, int32_t capacity, int32_t* found) {
    return vision([&] {
        cv::Mat source = gray(mask_view, "the mask");
        require(labels != nullptr && label_count >= source.total(), "the label buffer is too short");
        require(found != nullptr && capacity >= 0 && (components != nullptr || capacity == 0), "the component buffer is null");
        cv::Mat result, stats, centers;
        int n = cv::connectedComponentsWithStats(source, result, stats, centers, 8, CV_32S);
        result.copyTo(cv::Mat(source.rows, source.cols, CV_32S, labels));
        *found = n - 1;
        for (int i = 1; i < n && i <= capacity; i++) {
            components[i - 1] = gt_component{
                stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP), stats.at<int>(i, cv::CC_STAT_WIDTH),
                stats.at<int>(i, cv::CC_STAT_HEIGHT), stats.at<int>(i, cv::CC_STAT_AREA), centers.at<double>(i, 0),
                centers.at<double>(i, 1)};
        }
    });
}

gt_status gt_fill_polygon(const double* xy, int32_t points, uint8_t value, gt_buffer8 out) {
    return vision([&] {
        cv::Mat target = mat(out);
        require(target.channels() == 1, "a polygon is filled in a picture of one channel");
        require(xy != nullptr && points >= 3, "a polygon has at least 3 corners");
        std::vector<cv::Point> corners;
        for (int32_t i = 0; i < points; i++) {
            double x = xy[2 * i], y = xy[2 * i + 1];
            require(std::abs(x) < 1e6 && std::abs(y) < 1e6, "a polygon's corner is not a finite pixel position");
            corners.emplace_back(int(std::lround(x * 16)), int(std::lround(y * 16)));
        }
        cv::fillPoly(target, std::vector<std::vector<cv::Point>>{corners}, cv::Scalar(value), cv::LINE_8, 4);
    });
}

gt_status gt_inpaint(gt_view8 in, gt_view8 mask_view, double radius, gt_buffer8 out) {
    return vision([&] {
        require(radius > 0 && radius < 100, "the inpainting radius must be in (0, 100) pixels");
        cv::Mat source = mat(in), holes = gray(mask_view, "the mask"), result;
        require(holes.size() == source.size(), "the mask is not of the picture's size");
        cv::inpaint(source, holes, result, radius, cv::INPAINT_TELEA);
        write(result, mat(out));
    });
}

gt_status gt_grab_cut(gt_view8 in, gt_buffer8 labels, int32_t iterations) {
    return vision([&] {
        cv::Mat source = mat(in), inout = mat(labels, "the labels");
        require(source.channels() == 3, "GrabCut needs an RGB picture");
        require(inout.channels() == 1 && inout.size() == source.size(), "the labels are not one channel of the picture's size");
        require(iterations >= 1 && iterations <= 100, "1 to 100 iterations");
        bool foreground = false, background = false;
        for (int y = 0; y < inout.rows; y++) {
            for (int x = 0; x < inout.cols; x++) {
                uint8_t v = inout.at<uint8_t>(y, x);
                require(v < 4, "a label is not 0, 1, 2 or 3");
                (v % 2 == 1 ? foreground : background) = true;
            }
        }
        require(foreground && background, "the labels need at least one pixel of foreground and one of background");
        cv::Mat background_model, foreground_model, result = inout.clone();
        cv::grabCut(source, result, cv::Rect(), background_model, foreground_model, iterations, cv::GC_INIT_WITH_MASK);
        write(result, inout);
    });
}
