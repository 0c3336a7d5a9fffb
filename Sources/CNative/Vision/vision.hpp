// Checked views of the caller's memory as cv::Mat; shared by the vision_*.cpp files.
#pragma once
#include "gt_vision.h"
#include "../status.hpp"

#include <opencv2/core.hpp>

namespace gt {

[[noreturn]] inline void invalid(const std::string& what) { throw Failure(GT_INVALID_ARGUMENT, what); }

inline void require(bool condition, const char* what) {
    if (!condition) invalid(what);
}

inline void check_size(const void* data, size_t count, int32_t width, int32_t height, int32_t channels, const char* name) {
    if (data == nullptr) invalid(std::string(name) + " is null");
    if (width <= 0 || height <= 0) invalid(std::string(name) + " is empty");
    if (width > 32768 || height > 32768) invalid(std::string(name) + " is larger than 32768 pixels a side");
    if (channels != 1 && channels != 3) invalid(std::string(name) + " must have 1 or 3 channels");
    if (count < size_t(width) * size_t(height) * size_t(channels)) {
        invalid(std::string(name) + " holds fewer bytes than its size says");
    }
}

/// The view as a matrix that must not be written.
inline cv::Mat mat(const gt_view8& v, const char* name = "the picture") {
    check_size(v.data, v.count, v.width, v.height, v.channels, name);
    return cv::Mat(v.height, v.width, v.channels == 1 ? CV_8UC1 : CV_8UC3, const_cast<uint8_t*>(v.data));
}

inline cv::Mat mat(const gt_buffer8& v, const char* name = "the output") {
    check_size(v.data, v.count, v.width, v.height, v.channels, name);
    return cv::Mat(v.height, v.width, v.channels == 1 ? CV_8UC1 : CV_8UC3, v.data);
}

inline cv::Mat gray(const gt_view8& v, const char* name = "the picture") {
    cv::Mat m = mat(v, name);
    if (v.channels != 1) invalid(std::string(name) + " must be grey (1 channel)");
    return m;
}

/// A mask of the picture's size, or an empty matrix where there is none.
inline cv::Mat mask(const gt_view8& v, const cv::Mat& of) {
    if (v.data == nullptr && v.count == 0) return {};
    cv::Mat m = gray(v, "the mask");
    if (m.size() != of.size()) invalid("the mask is not of the picture's size");
    return m;
}

/// OpenCV's result into the caller's memory; never reallocates it.
inline void write(const cv::Mat& result, cv::Mat out) {
    if (result.size() != out.size() || result.type() != out.type()) invalid("the output is not of the result's size and channels");
    if (result.data != out.data) result.copyTo(out);
}

/// One thread and a fixed seed, so that the same input gives the same output.
inline void deterministic() {
    // Once for the whole process: OpenCV tears down and rebuilds its thread pool here, which two threads at a time do not survive.
    static const bool single = [] {
        cv::setNumThreads(1);
        return true;
    }();
    (void)single;
    cv::setRNGSeed(20240229);
}

/// `guarded` for OpenCV: its exceptions say the function and line as well, which no user needs.
template <class Body>
gt_status vision(Body&& body) noexcept {
    return guarded([&] {
        deterministic();
        try {
            body();
        } catch (const cv::Exception& e) {
            throw Failure(GT_INTERNAL, "OpenCV: " + (e.err.empty() ? std::string(e.what()) : e.err));
        }
    });
}

}  // namespace gt
