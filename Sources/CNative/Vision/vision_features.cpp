#include "vision.hpp"

#include <opencv2/features2d.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cstring>
#include <numeric>

using namespace gt;

namespace {

/// Points hashed by cells of the least distance, so that a neighbour lies in the 3x3 cells around.
class Spacing {
  public:
    Spacing(int width, int height, double distance)
        : distance_(distance), cell_(std::max(1.0, distance)), columns_(int(width / cell_) + 1), rows_(int(height / cell_) + 1),
          cells_(size_t(columns_) * size_t(rows_)) {}

    bool is_free(cv::Point2d p) const {
        if (distance_ <= 0) return true;
        int cx = column(p), cy = row(p);
        for (int y = std::max(0, cy - 1); y <= std::min(rows_ - 1, cy + 1); y++) {
            for (int x = std::max(0, cx - 1); x <= std::min(columns_ - 1, cx + 1); x++) {
                for (const auto& q : cells_[size_t(y) * columns_ + x]) {
                    if ((p - q).dot(p - q) < distance_ * distance_) return false;
                }
            }
        }
        return true;
    }

    void add(cv::Point2d p) { cells_[size_t(row(p)) * columns_ + column(p)].push_back(p); }

  private:
    int column(cv::Point2d p) const { return std::clamp(int(p.x / cell_), 0, columns_ - 1); }
    int row(cv::Point2d p) const { return std::clamp(int(p.y / cell_), 0, rows_ - 1); }

    double distance_, cell_;
    int columns_, rows_;
    std::vector<std::vector<cv::Point2d>> cells_;
};

struct Candidate {
    float score;
    int x, y;
};

}  // namespace

gt_status gt_detect_corners(
    gt_view8 view, gt_view8 mask_view, const double* existing, int32_t existing_count, gt_corner_options o, double* xy, float* scores,
    int32_t capacity, int32_t* found) {
    return vision([&] {
        cv::Mat source = gray(view), where = mask(mask_view, source);
        require(o.columns > 0 && o.rows > 0 && o.columns <= 4096 && o.rows <= 4096, "the corner grid has 1 to 4096 columns and rows");
        require(o.per_cell > 0 && o.block_size > 0 && o.block_size < 64, "a cell holds a corner at least, a window is 1 to 63 pixels");
        require(existing_count == 0 || existing != nullptr, "the existing points are null");
        require(existing_count >= 0 && capacity >= 0 && found != nullptr && (xy != nullptr || capacity == 0), "the corner buffer is null");
        cv::Mat response, peaks;
        cv::cornerMinEigenVal(source, response, o.block_size, 3);
        cv::dilate(response, peaks, cv::Mat());
        double best = 0;
        cv::minMaxLoc(response, nullptr, &best, nullptr, nullptr, where);
        float threshold = float(std::max(o.min_score, best * o.relative_score));

        size_t cells = size_t(o.columns) * size_t(o.rows);
        std::vector<std::vector<Candidate>> grid(cells);
        std::vector<int> filled(cells, 0);
        auto cell = [&](double x, double y) {
            int cx = std::clamp(int(x * o.columns / source.cols), 0, o.columns - 1);
            int cy = std::clamp(int(y * o.rows / source.rows), 0, o.rows - 1);
            return size_t(cy) * size_t(o.columns) + size_t(cx);
        };
        Spacing spacing(source.cols, source.rows, o.min_distance);
        for (int32_t i = 0; i < existing_count; i++) {
            cv::Point2d p(existing[2 * i], existing[2 * i + 1]);
            if (!(p.x >= 0 && p.y >= 0 && p.x < source.cols && p.y < source.rows)) continue;
            spacing.add(p);
            filled[cell(p.x, p.y)]++;
        }
        for (int y = 1; y + 1 < source.rows; y++) {
            const float* r = response.ptr<float>(y);
            const float* k = peaks.ptr<float>(y);
            const uint8_t* m = where.empty() ? nullptr : where.ptr<uint8_t>(y);
            for (int x = 1; x + 1 < source.cols; x++) {
                if (r[x] > threshold && r[x] == k[x] && (m == nullptr || m[x] != 0)) grid[cell(x, y)].push_back({r[x], x, y});
            }
        }
        std::vector<cv::Point2f> corners;
        std::vector<float> values;
        for (auto& candidates : grid) {
            size_t index = size_t(&candidates - grid.data());
            std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
                if (a.score != b.score) return a.score > b.score;
                if (a.y != b.y) return a.y < b.y;
                return a.x < b.x;
            });
            for (const auto& c : candidates) {
                if (filled[index] >= o.per_cell || int32_t(corners.size()) >= capacity) break;
                cv::Point2d p(c.x, c.y);
                if (!spacing.is_free(p)) continue;
                spacing.add(p);
                filled[index]++;
                corners.emplace_back(float(c.x), float(c.y));
                values.push_back(c.score);
            }
        }
        if (o.refine != 0 && !corners.empty() && source.cols > 12 && source.rows > 12) {
            auto rough = corners;
            cv::cornerSubPix(
                source, corners, cv::Size(3, 3), cv::Size(-1, -1),
                cv::TermCriteria(cv::TermCriteria::MAX_ITER | cv::TermCriteria::EPS, 20, 0.01));
            // A refinement that runs off found another corner: the pixel it began at is kept.
            for (size_t i = 0; i < corners.size(); i++) {
                if (!(cv::norm(corners[i] - rough[i]) <= 2)) corners[i] = rough[i];
            }
        }
        for (size_t i = 0; i < corners.size(); i++) {
            xy[2 * i] = corners[i].x;
            xy[2 * i + 1] = corners[i].y;
            if (scores != nullptr) scores[i] = values[i];
        }
        *found = int32_t(corners.size());
    });
}

namespace {

cv::Ptr<cv::Feature2D> extractor(int32_t kind, int32_t capacity, double parameter, double scale_factor, int32_t levels) {
    if (kind == GT_ORB) {
        require(scale_factor > 1 && scale_factor < 4 && levels >= 1 && levels <= 16, "ORB: scale factor in (1, 4), 1 to 16 levels");
        return cv::ORB::create(
            std::max(capacity, 1), float(scale_factor), levels, 31, 0, 2, cv::ORB::HARRIS_SCORE, 31, std::max(1, int(parameter)));
    }
    require(kind == GT_SIFT, "unknown kind of feature");
    return cv::SIFT::create(capacity, 3, parameter);
}

size_t descriptor_bytes(int32_t kind) { return kind == GT_ORB ? 32 : 128; }

/// One row as bytes: ORB's as they are; SIFT's as 0...255, root-SIFT (L1-normalised, square root) times 512 as in the paper's use.
void store(const cv::Mat& row, int32_t kind, bool root, uint8_t* out) {
    if (kind == GT_ORB) {
        std::memcpy(out, row.ptr<uint8_t>(), 32);
        return;
    }
    const float* v = row.ptr<float>();
    double sum = 0;
    for (int i = 0; i < 128; i++) sum += v[i];
    for (int i = 0; i < 128; i++) {
        double value = root ? (sum > 0 ? 512 * std::sqrt(v[i] / sum) : 0) : v[i];
        out[i] = cv::saturate_cast<uint8_t>(value);
    }
}

/// What OpenCV's positions are too large by, x and y alike: SIFT doubles the picture with pixels' areas aligned and halves positions as if
/// it were their centres (until 4.8, and later unless asked otherwise); ORB does the reverse for every level.
double position_shift(int32_t kind, const cv::KeyPoint& p, double scale_factor) {
    return kind == GT_ORB ? 0.5 * (1 - std::pow(scale_factor, p.octave)) : 0.25;
}

}  // namespace

gt_status gt_detect_features(
    gt_view8 view, gt_view8 mask_view, int32_t kind, int32_t capacity, double parameter, double scale_factor, int32_t levels, int32_t root,
    gt_keypoint* keypoints, uint8_t* descriptors, size_t descriptor_count, int32_t* found) {
    return vision([&] {
        cv::Mat source = gray(view), where = mask(mask_view, source);
        require(found != nullptr && capacity > 0, "the count is null or there is no room");
        require(keypoints != nullptr && descriptors != nullptr, "the feature buffers are null");
        auto feature = extractor(kind, capacity, parameter, scale_factor, levels);
        size_t bytes = descriptor_bytes(kind);
        require(descriptor_count >= size_t(capacity) * bytes, "the descriptor buffer is too short");
        std::vector<cv::KeyPoint> points;
        cv::Mat rows;
        feature->detectAndCompute(source, where, points, rows);
        std::vector<int> order(points.size());
        std::iota(order.begin(), order.end(), 0);
        std::sort(order.begin(), order.end(), [&](int a, int b) {
            const auto &p = points[size_t(a)], &q = points[size_t(b)];
            if (p.response != q.response) return p.response > q.response;
            if (p.pt.y != q.pt.y) return p.pt.y < q.pt.y;
            if (p.pt.x != q.pt.x) return p.pt.x < q.pt.x;
            if (p.octave != q.octave) return p.octave < q.octave;
            return p.angle < q.angle;
        });
        size_t n = std::min(order.size(), size_t(capacity));
        for (size_t i = 0; i < n; i++) {
            const auto& p = points[size_t(order[i])];
            double shift = position_shift(kind, p, scale_factor);
            keypoints[i] = gt_keypoint{p.pt.x - shift, p.pt.y - shift, p.size, p.angle, p.response, p.octave};
            store(rows.row(order[i]), kind, root != 0, descriptors + i * bytes);
        }
        *found = int32_t(n);
    });
}

gt_status gt_describe(
    gt_view8 view, int32_t kind, int32_t root, const gt_keypoint* keypoints, int32_t count, uint8_t* descriptors, size_t descriptor_count,
    int32_t* kept, int32_t* found) {
    return vision([&] {
        cv::Mat source = gray(view);
        require(found != nullptr, "the count is null");
        *found = 0;
        if (count == 0) return;
        require(count > 0 && keypoints != nullptr && descriptors != nullptr && kept != nullptr, "the feature buffers are null");
        auto feature = extractor(kind, count, kind == GT_ORB ? 20 : 0.04, 1.2, 8);
        size_t bytes = descriptor_bytes(kind);
        require(descriptor_count >= size_t(count) * bytes, "the descriptor buffer is too short");
        std::vector<cv::KeyPoint> points;
        for (int32_t i = 0; i < count; i++) {
            const auto& k = keypoints[i];
            // A point outside the picture would be read outside it.
            if (!(k.x >= 0 && k.y >= 0 && k.x <= source.cols - 1 && k.y <= source.rows - 1)) continue;
            points.emplace_back(float(k.x), float(k.y), k.size, k.angle, k.response, k.octave, i);
            float shift = float(position_shift(kind, points.back(), 1.2));
            points.back().pt += cv::Point2f(shift, shift);
        }
        if (points.empty()) return;
        cv::Mat rows;
        feature->compute(source, points, rows);
        for (size_t i = 0; i < points.size(); i++) {
            kept[i] = points[i].class_id;
            store(rows.row(int(i)), kind, root != 0, descriptors + i * bytes);
        }
        *found = int32_t(points.size());
    });
}

namespace {

struct Best {
    int index = -1;
    float first = 1e30f, second = 1e30f;
    void offer(int i, float d) {
        if (d < first) {
            second = first;
            first = d;
            index = i;
        } else if (d < second) {
            second = d;
        }
    }
};

float hamming(const uint8_t* a, const uint8_t* b, int32_t bytes) {
    int sum = 0;
    int32_t i = 0;
    for (; i + 8 <= bytes; i += 8) {
        uint64_t p, q;
        std::memcpy(&p, a + i, 8);
        std::memcpy(&q, b + i, 8);
        sum += __builtin_popcountll(p ^ q);
    }
    for (; i < bytes; i++) sum += __builtin_popcount(unsigned(a[i] ^ b[i]));
    return float(sum);
}

inline __attribute__((always_inline)) int squared(const uint8_t* a, const uint8_t* b, int32_t bytes) {
    int sum = 0;
    for (int32_t i = 0; i < bytes; i++) {
        int d = int(a[i]) - int(b[i]);
        sum += d * d;
    }
    return sum;
}

/// One descriptor's squared distances to all of a set; whole numbers, the same on every machine.
__attribute__((target_clones("avx2", "default"))) void squared_to_all(
    const uint8_t* a, const uint8_t* b, int32_t count, int32_t bytes, float* out) {
    if (bytes == 128) {
        for (int32_t j = 0; j < count; j++) out[j] = float(squared(a, b + size_t(j) * 128, 128));
    } else {
        for (int32_t j = 0; j < count; j++) out[j] = float(squared(a, b + size_t(j) * size_t(bytes), bytes));
    }
}

}  // namespace

gt_status gt_match_descriptors(
    const uint8_t* a, int32_t a_count, const uint8_t* b, int32_t b_count, int32_t bytes, int32_t norm, double ratio, double max_distance,
    int32_t mutual, gt_match* matches, int32_t capacity, int32_t* found) {
    return guarded([&] {
        require(found != nullptr, "the count is null");
        *found = 0;
        require(a_count >= 0 && b_count >= 0 && bytes > 0 && bytes <= 4096, "descriptor counts must not be negative");
        require(norm == GT_HAMMING || norm == GT_L2, "unknown distance");
        if (a_count == 0 || b_count == 0) return;
        require(a != nullptr && b != nullptr && matches != nullptr, "descriptors or matches are null");
        require(capacity >= a_count, "there must be room for one match per descriptor of the first set");
        std::vector<Best> forward(static_cast<size_t>(a_count)), backward(static_cast<size_t>(b_count));
        std::vector<float> distances(static_cast<size_t>(b_count));
        for (int32_t i = 0; i < a_count; i++) {
            const uint8_t* p = a + size_t(i) * size_t(bytes);
            if (norm == GT_L2) {
                squared_to_all(p, b, b_count, bytes, distances.data());
            } else {
                for (int32_t j = 0; j < b_count; j++) distances[size_t(j)] = hamming(p, b + size_t(j) * size_t(bytes), bytes);
            }
            for (int32_t j = 0; j < b_count; j++) {
                forward[size_t(i)].offer(j, distances[size_t(j)]);
                backward[size_t(j)].offer(i, distances[size_t(j)]);
            }
        }
        int32_t n = 0;
        for (int32_t i = 0; i < a_count; i++) {
            const Best& f = forward[size_t(i)];
            float first = norm == GT_L2 ? std::sqrt(f.first) : f.first;
            float second = norm == GT_L2 ? std::sqrt(f.second) : f.second;
            if (mutual != 0 && backward[size_t(f.index)].index != i) continue;
            if (max_distance > 0 && first > max_distance) continue;
            if (ratio < 1 && b_count > 1 && !(first < ratio * second)) continue;
            matches[n++] = gt_match{i, f.index, first};
        }
        *found = n;
    });
}
