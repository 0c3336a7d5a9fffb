#include "gt_solver.h"
#include "../status.hpp"

#include <ceres/ceres.h>
#include <ceres/covariance.h>
#include <glog/logging.h>

#include <cmath>
#include <memory>
#include <vector>

namespace {

using gt::Failure;

/// Pose blocks: p + dp, q * exp(dtheta). The Jacobians that come from outside are already by the tangent, so PlusJacobian only selects.
class PoseManifold final : public ceres::Manifold {
public:
    int AmbientSize() const override { return 7; }
    int TangentSize() const override { return 6; }

    bool Plus(const double* x, const double* d, double* y) const override {
        for (int i = 0; i < 3; ++i) y[i] = x[i] + d[i];
        const double angle = std::sqrt(d[3] * d[3] + d[4] * d[4] + d[5] * d[5]);
        const double k = angle < 1e-4 ? 0.5 - angle * angle / 48 : std::sin(0.5 * angle) / angle;
        const double bx = d[3] * k, by = d[4] * k, bz = d[5] * k, bw = std::cos(0.5 * angle);
        const double ax = x[3], ay = x[4], az = x[5], aw = x[6];
        double q[4] = {
            aw * bx + ax * bw + ay * bz - az * by, aw * by - ax * bz + ay * bw + az * bx, aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz};
        const double n = std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
        for (int i = 0; i < 4; ++i) y[3 + i] = q[i] / n;
        return true;
    }

    bool PlusJacobian(const double*, double* jacobian) const override {
        for (int r = 0; r < 7; ++r)
            for (int c = 0; c < 6; ++c) jacobian[6 * r + c] = r == c ? 1 : 0;
        return true;
    }

    bool Minus(const double* y, const double* x, double* d) const override {
        for (int i = 0; i < 3; ++i) d[i] = y[i] - x[i];
        const double ax = -x[3], ay = -x[4], az = -x[5], aw = x[6], bx = y[3], by = y[4], bz = y[5], bw = y[6];
        double q[4] = {
            aw * bx + ax * bw + ay * bz - az * by, aw * by - ax * bz + ay * bw + az * bx, aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz};
        if (q[3] < 0)
            for (double& v : q) v = -v;
        const double s = std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2]);
        const double k = s < 1e-9 ? 2 : 2 * std::atan2(s, q[3]) / s;
        for (int i = 0; i < 3; ++i) d[3 + i] = k * q[i];
        return true;
    }

    bool MinusJacobian(const double*, double* jacobian) const override {
        for (int r = 0; r < 6; ++r)
            for (int c = 0; c < 7; ++c) jacobian[7 * r + c] = r == c ? 1 : 0;
        return true;
    }
};

class CallbackCost final : public ceres::CostFunction {
public:
    CallbackCost(gt_evaluate evaluate, void* context, int32_t index, int32_t size, const std::vector<int32_t>& block_sizes)
        : evaluate_(evaluate), context_(context), index_(index) {
        set_num_residuals(size);
        *mutable_parameter_block_sizes() = block_sizes;
    }

    bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
        return evaluate_(context_, index_, parameters, residuals, jacobians);
    }

private:
    gt_evaluate evaluate_;
    void* context_;
    int32_t index_;
};

struct Built {
    std::unique_ptr<ceres::Problem> problem;
    std::vector<double*> blocks;
    std::vector<int32_t> tangent;
    std::shared_ptr<ceres::ParameterBlockOrdering> ordering;
    bool any_eliminated = false;
};

void check(bool condition, const char* message) {
    if (!condition) throw Failure(GT_INVALID_ARGUMENT, message);
}

Built build(const gt_problem* p) {
    check(p && p->evaluate, "least squares needs a problem with an evaluator");
    check(p->block_count > 0 && p->block_sizes && p->block_kinds && p->block_fixed && p->block_groups && p->values,
          "least squares needs at least one parameter block");
    check(p->residual_count > 0 && p->residual_sizes && p->residual_offsets && p->residual_blocks && p->residual_losses &&
              p->residual_loss_scales,
          "least squares needs at least one residual");
    FLAGS_minloglevel = 3;
    ceres::Problem::Options options;
    options.manifold_ownership = ceres::TAKE_OWNERSHIP;
    options.enable_fast_removal = false;
    Built b;
    b.problem = std::make_unique<ceres::Problem>(options);
    b.ordering = std::make_shared<ceres::ParameterBlockOrdering>();
    double* cursor = p->values;
    for (int32_t i = 0; i < p->block_count; ++i) {
        const int32_t size = p->block_sizes[i];
        check(size > 0, "a parameter block has at least one number");
        for (int32_t k = 0; k < size; ++k) check(std::isfinite(cursor[k]), "a parameter block holds a number that is not finite");
        b.blocks.push_back(cursor);
        if (p->block_kinds[i] == GT_BLOCK_POSE) {
            check(size == 7, "a pose block has 7 numbers");
            b.problem->AddParameterBlock(cursor, size, new PoseManifold);
            b.tangent.push_back(6);
        } else {
            check(p->block_kinds[i] == GT_BLOCK_EUCLIDEAN, "a block's kind is Euclidean or pose");
            b.problem->AddParameterBlock(cursor, size);
            b.tangent.push_back(size);
        }
        if (p->block_fixed[i])
            b.problem->SetParameterBlockConstant(cursor);
        b.ordering->AddElementToGroup(cursor, p->block_groups[i] == 0 ? 0 : 1);
        if (p->block_groups[i] == 0 && !p->block_fixed[i]) b.any_eliminated = true;
        cursor += size;
    }
    for (int32_t r = 0; r < p->residual_count; ++r) {
        const int32_t from = p->residual_offsets[r], to = p->residual_offsets[r + 1];
        check(p->residual_sizes[r] > 0 && from >= 0 && to > from, "a residual has a size and at least one block");
        std::vector<int32_t> sizes;
        std::vector<double*> parameters;
        for (int32_t k = from; k < to; ++k) {
            const int32_t block = p->residual_blocks[k];
            check(block >= 0 && block < p->block_count, "a residual names a block that does not exist");
            sizes.push_back(p->block_sizes[block]);
            parameters.push_back(b.blocks[block]);
        }
        ceres::LossFunction* loss = nullptr;
        const double scale = p->residual_loss_scales[r];
        switch (p->residual_losses[r]) {
            case GT_LOSS_NONE: break;
            case GT_LOSS_HUBER: check(scale > 0, "a loss has a positive scale"); loss = new ceres::HuberLoss(scale); break;
            case GT_LOSS_CAUCHY: check(scale > 0, "a loss has a positive scale"); loss = new ceres::CauchyLoss(scale); break;
            default: check(false, "a loss is none, Huber or Cauchy");
        }
        b.problem->AddResidualBlock(new CallbackCost(p->evaluate, p->context, r, p->residual_sizes[r], sizes), loss, parameters);
    }
    return b;
}

}  // namespace

// CHOLMOD would start OpenMP's threads for every caller: recordings are solved side by side already. Null where OpenMP is not linked.
extern "C" void omp_set_num_threads(int) __attribute__((weak));

static void use_one_thread() {
    if (omp_set_num_threads != nullptr) omp_set_num_threads(1);
}

gt_status gt_solve(const gt_problem* problem, const gt_solve_options* options, gt_solve_summary* summary) {
    use_one_thread();
    return gt::guarded([&] {
        check(options && summary, "least squares needs options and a summary to fill");
        Built b = build(problem);
        ceres::Solver::Options o;
        o.trust_region_strategy_type = ceres::LEVENBERG_MARQUARDT;
        switch (options->linear_solver) {
            case GT_LINEAR_SPARSE_CHOLESKY: o.linear_solver_type = ceres::SPARSE_NORMAL_CHOLESKY; break;
            case GT_LINEAR_SPARSE_SCHUR: o.linear_solver_type = ceres::SPARSE_SCHUR; break;
            case GT_LINEAR_DENSE_QR: o.linear_solver_type = ceres::DENSE_QR; break;
            case GT_LINEAR_DENSE_SCHUR: o.linear_solver_type = ceres::DENSE_SCHUR; break;
            default: check(false, "the linear solver is one of the four that the header names");
        }
        const bool schur = options->linear_solver == GT_LINEAR_SPARSE_SCHUR || options->linear_solver == GT_LINEAR_DENSE_SCHUR;
        if (schur && b.any_eliminated)
            o.linear_solver_ordering = b.ordering;
        else if (schur)
            o.linear_solver_type = ceres::SPARSE_NORMAL_CHOLESKY;
        o.max_num_iterations = options->maximum_iterations;
        o.function_tolerance = options->function_tolerance;
        o.gradient_tolerance = options->gradient_tolerance;
        o.parameter_tolerance = options->parameter_tolerance;
        o.initial_trust_region_radius = options->initial_trust_radius;
        o.num_threads = 1;
        o.logging_type = ceres::SILENT;
        o.minimizer_progress_to_stdout = false;
        ceres::Solver::Summary s;
        ceres::Solve(o, b.problem.get(), &s);
        summary->initial_cost = s.initial_cost;
        summary->final_cost = s.final_cost;
        summary->iterations = static_cast<int32_t>(s.iterations.size());
        summary->termination = s.termination_type == ceres::CONVERGENCE ? GT_TERMINATION_CONVERGED
                               : s.termination_type == ceres::NO_CONVERGENCE ? GT_TERMINATION_NO_CONVERGENCE
                                                                             : GT_TERMINATION_FAILURE;
        if (s.termination_type == ceres::FAILURE) throw Failure(GT_INTERNAL, "least squares failed: " + s.message);
    });
}

gt_status gt_covariance(
    const gt_problem* problem, int32_t pair_count, const int32_t* first, const int32_t* second, double* covariances, int64_t capacity) {
    use_one_thread();
    return gt::guarded([&] {
        check(pair_count > 0 && first && second && covariances, "a covariance needs at least one pair of blocks");
        Built b = build(problem);
        std::vector<std::pair<const double*, const double*>> pairs;
        int64_t needed = 0;
        for (int32_t i = 0; i < pair_count; ++i) {
            check(first[i] >= 0 && first[i] < problem->block_count && second[i] >= 0 && second[i] < problem->block_count,
                  "a covariance names a block that does not exist");
            pairs.emplace_back(b.blocks[first[i]], b.blocks[second[i]]);
            needed += static_cast<int64_t>(b.tangent[first[i]]) * b.tangent[second[i]];
        }
        std::vector<bool> used(problem->block_count, false);
        for (int32_t k = 0; k < problem->residual_offsets[problem->residual_count]; ++k) used[problem->residual_blocks[k]] = true;
        for (int32_t i = 0; i < pair_count; ++i)
            check(used[first[i]] && used[second[i]], "the covariance is not defined: no residual reads one of its blocks");
        check(capacity >= needed, "the buffer for the covariances is too small");
        ceres::Covariance::Options o;
        o.algorithm_type = ceres::SPARSE_QR;
        o.num_threads = 1;
        ceres::Covariance covariance(o);
        if (!covariance.Compute(pairs, b.problem.get()))
            throw Failure(GT_INTERNAL, "the covariance is not defined: the residuals do not determine every block");
        double* cursor = covariances;
        for (int32_t i = 0; i < pair_count; ++i) {
            if (!covariance.GetCovarianceBlockInTangentSpace(pairs[i].first, pairs[i].second, cursor))
                throw Failure(GT_INTERNAL, "a covariance block could not be read");
            cursor += static_cast<int64_t>(b.tangent[first[i]]) * b.tangent[second[i]];
        }
    });
}
