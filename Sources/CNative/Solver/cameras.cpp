#include "gt_cameras.h"
#include "../status.hpp"

#include <Eigen/Dense>

#include <vector>

namespace {

using Row = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Motion = Eigen::Matrix<double, 9, 9, Eigen::RowMajor>;
using Vector9 = Eigen::Matrix<double, 9, 1>;

}  // namespace

gt_status gt_solve_cameras(const gt_camera_system* system, double* solution, int32_t* is_definite) {
    return gt::guarded([&] {
        if (!system || !solution || !is_definite || system->frames < 1 || system->shared < 0 || !system->poses || !system->poses_right ||
            !system->motions || !system->motions_next || !system->coupling || !system->motions_right)
            throw gt::Failure(GT_INVALID_ARGUMENT, "a camera system needs frames and all its arrays");
        *is_definite = 0;
        const int n = system->frames, s = system->shared, columns = 6 * n + s, wide = 18 + s;
        // Motions go first, one after another; what is left is dense in the poses.
        Row lower = Eigen::Map<const Row>(system->poses, columns, columns);
        Eigen::VectorXd right = Eigen::Map<const Eigen::VectorXd>(system->poses_right, columns);
        std::vector<Eigen::LLT<Motion>> factors;
        std::vector<Motion> next;
        std::vector<Vector9> rights;
        // Rows of every motion over [poses up to its next one, shared]: what the elimination of those before has left.
        std::vector<Row> rows;
        factors.reserve(size_t(n));
        for (int k = 0; k < n; ++k) {
            Motion diagonal = Eigen::Map<const Motion>(system->motions + 81 * k);
            Vector9 b = Eigen::Map<const Vector9>(system->motions_right + 9 * k);
            const int filled = 6 * std::min(k + 2, n);
            Row own = Row::Zero(9, filled + s);
            Eigen::Map<const Row> coupling(system->coupling + size_t(9) * wide * k, 9, wide);
            for (int d = -1; d <= 1; ++d)
                if (k + d >= 0 && k + d < n) own.middleCols(6 * (k + d), 6) += coupling.middleCols(6 * (d + 1), 6);
            own.rightCols(s) += coupling.rightCols(s);
            if (k > 0) {
                const Motion gain = factors.back().solve(next.back());
                const Row& before = rows.back();
                const int width = int(before.cols()) - s;
                diagonal.noalias() -= next.back().transpose() * gain;
                b.noalias() -= gain.transpose() * rights.back();
                own.leftCols(width).noalias() -= gain.transpose() * before.leftCols(width);
                own.rightCols(s).noalias() -= gain.transpose() * before.rightCols(s);
            }
            factors.emplace_back(diagonal);
            if (factors.back().info() != Eigen::Success) return;
            next.push_back(k + 1 < n ? Motion(Eigen::Map<const Motion>(system->motions_next + 81 * k)) : Motion(Motion::Zero()));
            rights.push_back(b);
            // lower -= ownᵀ D⁻¹ own, by the whitened rows.
            Row white = own;
            factors.back().matrixL().solveInPlace(white);
            Vector9 whiteRight = b;
            factors.back().matrixL().solveInPlace(whiteRight);
            auto poses = white.leftCols(filled);
            auto shared = white.rightCols(s);
            lower.topLeftCorner(filled, filled).selfadjointView<Eigen::Lower>().rankUpdate(poses.transpose(), -1);
            lower.block(6 * n, 0, s, filled).noalias() -= shared.transpose() * poses;
            lower.bottomRightCorner(s, s).noalias() -= shared.transpose() * shared;
            right.head(filled).noalias() -= poses.transpose() * whiteRight;
            right.tail(s).noalias() -= shared.transpose() * whiteRight;
            rows.push_back(std::move(own));
        }
        Eigen::LLT<Eigen::Ref<Row>, Eigen::Lower> factor(lower);
        if (factor.info() != Eigen::Success) return;
        const Eigen::VectorXd x = factor.solve(right);
        if (!x.allFinite()) return;
        Eigen::Map<Eigen::VectorXd> out(solution, columns + 9 * n);
        out.head(columns) = x;
        Vector9 later = Vector9::Zero();
        for (int k = n - 1; k >= 0; --k) {
            const Row& own = rows[size_t(k)];
            const int width = int(own.cols()) - s;
            Vector9 b = rights[size_t(k)];
            b.noalias() -= own.leftCols(width) * x.head(width);
            b.noalias() -= own.rightCols(s) * x.tail(s);
            b.noalias() -= next[size_t(k)] * later;
            later = factors[size_t(k)].solve(b);
            out.segment(columns + 9 * k, 9) = later;
        }
        *is_definite = 1;
    });
}
