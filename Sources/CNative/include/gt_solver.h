// Nonlinear least squares by Ceres; residuals and Jacobians are evaluated by the caller's callback.
#ifndef GT_SOLVER_H
#define GT_SOLVER_H

#include "gt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Euclidean block, or a pose [px py pz qx qy qz qw] with a 6-vector tangent [dp, dtheta]: p + dp, q * exp(dtheta).
enum { GT_BLOCK_EUCLIDEAN = 0, GT_BLOCK_POSE = 1 };
/// Robust losses of the squared residual; the scale is in units of the residual.
enum { GT_LOSS_NONE = 0, GT_LOSS_HUBER = 1, GT_LOSS_CAUCHY = 2 };
enum { GT_LINEAR_SPARSE_CHOLESKY = 0, GT_LINEAR_SPARSE_SCHUR = 1, GT_LINEAR_DENSE_QR = 2, GT_LINEAR_DENSE_SCHUR = 3 };
enum { GT_TERMINATION_CONVERGED = 0, GT_TERMINATION_NO_CONVERGENCE = 1, GT_TERMINATION_FAILURE = 2 };

/// Evaluates one residual block. `jacobians` may be NULL, and so may each entry. A Jacobian is row-major, `residual size` rows by as many
/// columns as the block has numbers; for a pose block the first six columns are by the tangent and the seventh is ignored.
/// Returns false when the residual cannot be evaluated at these parameters.
typedef bool (*gt_evaluate)(
    void *context, int32_t residual, const double *const *parameters, double *residuals, double *const *jacobians);

typedef struct gt_problem {
    int32_t block_count;
    const int32_t *block_sizes;
    const int32_t *block_kinds;
    /// 1: held where it is.
    const uint8_t *block_fixed;
    /// Elimination group: 0 first (landmarks), 1 after.
    const int32_t *block_groups;
    /// Numbers of all blocks one after another; changed in place.
    double *values;
    int32_t residual_count;
    const int32_t *residual_sizes;
    /// residual_count + 1 offsets into residual_blocks.
    const int32_t *residual_offsets;
    const int32_t *residual_blocks;
    const int32_t *residual_losses;
    const double *residual_loss_scales;
    gt_evaluate evaluate;
    void *context;
} gt_problem;

typedef struct gt_solve_options {
    int32_t linear_solver;
    int32_t maximum_iterations;
    double function_tolerance;
    double gradient_tolerance;
    double parameter_tolerance;
    double initial_trust_radius;
} gt_solve_options;

typedef struct gt_solve_summary {
    double initial_cost;
    double final_cost;
    int32_t iterations;
    int32_t termination;
} gt_solve_summary;

/// Minimises half the sum of the losses of the squared residuals by Levenberg-Marquardt, on one thread.
gt_status gt_solve(const gt_problem *problem, const gt_solve_options *options, gt_solve_summary *summary);

/// The covariance of pairs of blocks at the present values: for pair i, rows of block first[i], columns of block second[i], in tangent
/// sizes (6 for a pose), row-major, one pair after another in `covariances`. Fails when the problem does not determine the blocks.
gt_status gt_covariance(
    const gt_problem *problem, int32_t pair_count, const int32_t *first, const int32_t *second, double *covariances, int64_t capacity);

#ifdef __cplusplus
}
#endif
#endif
