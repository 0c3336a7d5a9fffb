#include "gt_boards.h"
#include "vision.hpp"

#include <opencv2/aruco.hpp>
#include <opencv2/calib3d.hpp>
#include <opencv2/imgproc.hpp>

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
        require(columns * (rows + 1) / 2 <= words->bytesList.rows, "the dictionary has fewer markers than the board");
        cv::Mat image = gray(picture);
        std::vector<std::vector<cv::Point2f>> markers;
        std::vector<int> seen;
        // Unrefined: a refinement would draw a marker's corner to the board's, which is near.
        cv::aruco::detectMarkers(image, words, markers, seen);
        // Which marker was seen in each square.
        std::vector<const std::vector<cv::Point2f>*> in_square(size_t(columns * rows), nullptr);
        for (int y = 0, n = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                if ((x + y) % 2 == 0) continue;
                auto at = std::find(seen.begin(), seen.end(), n++);
                if (at != seen.end()) in_square[size_t(y * columns + x)] = &markers[size_t(at - seen.begin())];
            }
        }
        for (int y = 0; y + 1 < rows; y++) {
            for (int x = 0; x + 1 < columns && *found < capacity; x++) {
                // The two markers that touch this corner from either side: it lies midway between their nearest corners, in any lens.
                bool falling = (x + y) % 2 == 1;
                auto* a = in_square[size_t(y * columns + x + (falling ? 0 : 1))];
                auto* b = in_square[size_t((y + 1) * columns + x + (falling ? 1 : 0))];
                if (a == nullptr || b == nullptr) continue;
                cv::Point2f p = (*a)[falling ? 2 : 3], q = (*b)[falling ? 0 : 1];
                std::vector<cv::Point2f> corner{(p + q) / 2};
                // The window must end before the markers begin.
                int window = std::clamp(int(cv::norm(p - q) / 4), 2, 15);
                cv::cornerSubPix(
                    image, corner, cv::Size(window, window), cv::Size(-1, -1),
                    cv::TermCriteria(cv::TermCriteria::COUNT + cv::TermCriteria::EPS, 30, 0.005));
                // Further than this it was drawn to a marker.
                if (cv::norm(corner[0] - (p + q) / 2) > std::max(0.8, cv::norm(p - q) / 6)) continue;
                ids[*found] = y * (columns - 1) + x;
                corners[2 * *found] = corner[0].x;
                corners[2 * *found + 1] = corner[0].y;
                (*found)++;
            }
        }
    });
}
