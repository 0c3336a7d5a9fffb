#include "gt_boards.h"
#include "vision.hpp"

#include <opencv2/aruco/charuco.hpp>
#include <opencv2/calib3d.hpp>

#include <algorithm>

using namespace gt;

gt_status gt_chessboard_corners(gt_view8 picture, int32_t columns, int32_t rows, double* corners, int32_t* found) {
    return vision([&] {
        require(corners != nullptr && found != nullptr, "a result buffer is null");
        *found = 0;
        require(columns >= 3 && rows >= 3 && columns <= 100 && rows <= 100, "a chessboard has 3 to 100 inner corners a side");
        std::vector<cv::Point2f> seen;
        int flags = cv::CALIB_CB_NORMALIZE_IMAGE | cv::CALIB_CB_EXHAUSTIVE | cv::CALIB_CB_ACCURACY;
        if (!cv::findChessboardCornersSB(gray(picture), cv::Size(columns, rows), seen, flags)) return;
        if (seen.size() != size_t(columns) * size_t(rows)) return;
        for (size_t i = 0; i < seen.size(); i++) {
            corners[2 * i] = seen[i].x;
            corners[2 * i + 1] = seen[i].y;
        }
        *found = 1;
    });
}

gt_status gt_charuco_corners(
    gt_view8 picture, int32_t columns, int32_t rows, double marker, int32_t dictionary, int32_t* ids, double* corners, int32_t capacity,
    int32_t* found) {
    return vision([&] {
        require(ids != nullptr && corners != nullptr && found != nullptr, "a result buffer is null");
        *found = 0;
        require(columns >= 3 && rows >= 3 && columns <= 100 && rows <= 100, "a ChArUco board has 3 to 100 squares a side");
        require(marker > 0 && marker < 1, "a marker is smaller than its square");
        require(dictionary >= 0 && dictionary <= cv::aruco::DICT_APRILTAG_36h11, "the dictionary is not one of OpenCV's");
        auto words = cv::aruco::getPredefinedDictionary(dictionary);
        require(columns * rows / 2 <= words->bytesList.rows, "the dictionary has fewer markers than the board");
        auto board = cv::aruco::CharucoBoard::create(columns, rows, 1.0f, float(marker), words);
        cv::Mat image = gray(picture);
        std::vector<std::vector<cv::Point2f>> markers;
        std::vector<int> seen;
        cv::aruco::detectMarkers(image, words, markers, seen);
        if (seen.empty()) return;
        cv::Mat points, numbers;
        int n = cv::aruco::interpolateCornersCharuco(markers, seen, image, board, points, numbers);
        for (int i = 0; i < std::min(n, capacity); i++) {
            ids[i] = numbers.at<int>(i);
            corners[2 * i] = points.at<cv::Point2f>(i).x;
            corners[2 * i + 1] = points.at<cv::Point2f>(i).y;
            *found = i + 1;
        }
    });
}
