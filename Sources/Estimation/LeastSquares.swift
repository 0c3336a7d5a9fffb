internal import CNative

/// A nonlinear least-squares problem: blocks of numbers, and residuals that read them.
///
/// Solved by Ceres (Levenberg-Marquardt, one thread, so the same input gives the same bytes). Landmarks go to `.eliminatedFirst`.
public struct LeastSquares {
    public typealias Block = Int

    public enum Kind: Sendable { case euclidean, pose }
    public enum Group: Int32, Sendable { case eliminatedFirst = 0, rest = 1 }

    public struct Summary: Sendable, Equatable {
        /// Half the sum of the losses.
        public var initialCost = 0.0
        public var finalCost = 0.0
        public var iterations = 0
        public var converged = false
    }

    var values: [Double] = []
    var offsets: [Int] = []
    var sizes: [Int32] = []
    var kinds: [Int32] = []
    var fixed: [UInt8] = []
    var groups: [Int32] = []
    var residuals: [any ResidualFunction] = []
    var residualSizes: [Int32] = []
    var residualOffsets: [Int32] = [0]
    var residualBlocks: [Int32] = []
    var losses: [Int32] = []
    var lossScales: [Double] = []

    public init() {}

    public var residualCount: Int { residuals.count }
    public var blockCount: Int { offsets.count }

    /// Adds a block of unknowns (seven numbers for a pose) and returns its handle.
    public mutating func addBlock(_ initial: [Double], kind: Kind = .euclidean, fixed isFixed: Bool = false, group: Group = .rest) -> Block
    {
        precondition(!initial.isEmpty && (kind == .euclidean || initial.count == 7), "a pose block has seven numbers, another at least one")
        offsets.append(values.count)
        values += initial
        sizes.append(Int32(initial.count))
        kinds.append(kind == .pose ? Int32(GT_BLOCK_POSE) : Int32(GT_BLOCK_EUCLIDEAN))
        fixed.append(isFixed ? 1 : 0)
        groups.append(group.rawValue)
        return offsets.count - 1
    }

    /// Adds a residual over the blocks it names, in the order that its kind documents.
    public mutating func addResidual(_ residual: some ResidualFunction, _ blocks: [Block], loss: RobustLoss = .none) {
        precondition(blocks.allSatisfy { offsets.indices.contains($0) }, "a residual names blocks of this problem")
        residuals.append(residual)
        residualSizes.append(Int32(residual.dimension))
        residualBlocks += blocks.map(Int32.init)
        residualOffsets.append(Int32(residualBlocks.count))
        switch loss {
        case .none:
            losses.append(Int32(GT_LOSS_NONE))
            lossScales.append(0)
        case .huber(let s):
            losses.append(Int32(GT_LOSS_HUBER))
            lossScales.append(s)
        case .cauchy(let s):
            losses.append(Int32(GT_LOSS_CAUCHY))
            lossScales.append(s)
        }
    }

    /// The present values of a block.
    public subscript(_ block: Block) -> ArraySlice<Double> { values[offsets[block]..<offsets[block] + Int(sizes[block])] }

    /// Minimises and keeps the result in the blocks.
    public mutating func solve(_ options: LeastSquaresOptions = LeastSquaresOptions()) throws(EstimationError) -> Summary {
        var o = gt_solve_options()
        switch options.linearSolver {
        case .sparseCholesky: o.linear_solver = Int32(GT_LINEAR_SPARSE_CHOLESKY)
        case .sparseSchur: o.linear_solver = Int32(GT_LINEAR_SPARSE_SCHUR)
        case .denseQR: o.linear_solver = Int32(GT_LINEAR_DENSE_QR)
        case .denseSchur: o.linear_solver = Int32(GT_LINEAR_DENSE_SCHUR)
        }
        o.maximum_iterations = Int32(options.maximumIterations)
        o.function_tolerance = options.functionTolerance
        o.gradient_tolerance = options.gradientTolerance
        o.parameter_tolerance = options.parameterTolerance
        o.initial_trust_radius = options.initialTrustRadius
        var summary = gt_solve_summary()
        let status = withProblem { gt_solve($0, &o, &summary) }
        guard status.code == GT_OK else { throw .solver(Self.message(status)) }
        return Summary(
            initialCost: summary.initial_cost, finalCost: summary.final_cost, iterations: Int(summary.iterations),
            converged: summary.termination == Int32(GT_TERMINATION_CONVERGED))
    }

    /// The covariance of one block at the present values, in its tangent (6 for a pose). Costs a sparse QR of the whole problem.
    public mutating func covariance(of block: Block) throws(EstimationError) -> DenseMatrix {
        let n = kinds[block] == Int32(GT_BLOCK_POSE) ? 6 : Int(sizes[block])
        var m = DenseMatrix(rows: n, columns: n)
        var entries = m.values
        let pair = [Int32(block)]
        let status = withProblem { p in
            entries.withUnsafeMutableBufferPointer { gt_covariance(p, 1, pair, pair, $0.baseAddress, Int64(n * n)) }
        }
        guard status.code == GT_OK else { throw .solver(Self.message(status)) }
        m.values = entries
        return m
    }

    mutating func withProblem(_ body: (UnsafePointer<gt_problem>) -> gt_status) -> gt_status {
        let blockCount = Int32(offsets.count)
        let residualCount = Int32(residuals.count)
        return values.withUnsafeMutableBufferPointer { values in
            residuals.withUnsafeBufferPointer { functions in
                withUnsafePointer(to: functions) { context in
                    sizes.withUnsafeBufferPointer { sizes in
                        var p = gt_problem()
                        p.block_count = blockCount
                        p.block_sizes = sizes.baseAddress
                        p.values = values.baseAddress
                        p.residual_count = residualCount
                        p.evaluate = { context, index, parameters, residuals, jacobians in
                            guard let context, let parameters, let residuals else { return false }
                            let functions = context.assumingMemoryBound(to: UnsafeBufferPointer<any ResidualFunction>.self).pointee
                            return functions[Int(index)].evaluate(parameters, residuals: residuals, jacobians: jacobians)
                        }
                        p.context = UnsafeMutableRawPointer(mutating: UnsafeRawPointer(context))
                        return kinds.withUnsafeBufferPointer { kinds in
                            fixed.withUnsafeBufferPointer { fixed in
                                groups.withUnsafeBufferPointer { groups in
                                    residualSizes.withUnsafeBufferPointer { residualSizes in
                                        residualOffsets.withUnsafeBufferPointer { residualOffsets in
                                            residualBlocks.withUnsafeBufferPointer { residualBlocks in
                                                losses.withUnsafeBufferPointer { losses in
                                                    lossScales.withUnsafeBufferPointer { lossScales in
                                                        p.block_kinds = kinds.baseAddress
                                                        p.block_fixed = fixed.baseAddress
                                                        p.block_groups = groups.baseAddress
                                                        p.residual_sizes = residualSizes.baseAddress
                                                        p.residual_offsets = residualOffsets.baseAddress
                                                        p.residual_blocks = residualBlocks.baseAddress
                                                        p.residual_losses = losses.baseAddress
                                                        p.residual_loss_scales = lossScales.baseAddress
                                                        return body(&p)
                                                    }
                                                }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    static func message(_ status: gt_status) -> String {
        withUnsafeBytes(of: status.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

/// When the solver stops, and how it solves its linear systems.
public struct LeastSquaresOptions: Codable, Sendable, Equatable {
    public enum LinearSolver: String, Codable, Sendable { case sparseCholesky, sparseSchur, denseQR, denseSchur }

    /// Default sparse Schur: landmarks are eliminated first; falls back to sparse Cholesky where there are none.
    public var linearSolver = LinearSolver.sparseSchur
    /// Default 50.
    public var maximumIterations = 50
    /// Relative change of the cost that ends the search; default 1e-8.
    public var functionTolerance = 1e-8
    /// Largest gradient that ends the search; default 1e-10.
    public var gradientTolerance = 1e-10
    /// Relative step that ends the search; default 1e-9.
    public var parameterTolerance = 1e-9
    /// Levenberg-Marquardt's first trust radius; default 1e4, Ceres's own.
    public var initialTrustRadius = 1e4

    public init() {}
}
