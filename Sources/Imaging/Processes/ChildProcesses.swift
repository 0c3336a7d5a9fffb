internal import Foundation
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// The process groups of the commands that run for this program.
///
/// A group is no part of the terminal's: Ctrl-C does not reach it. Whoever ends the program calls `endAll` first.
public enum ChildProcesses {
    private struct State {
        var groups: Set<pid_t> = []
        var isEnding = false
    }

    private static let state = Mutex(State())

    /// A group whose leader was just started; killed at once where the program is being ended.
    public static func add(_ group: Int32) {
        let isEnding = state.withLock { state in
            state.groups.insert(group)
            return state.isEnding
        }
        if isEnding { kill(-group, SIGKILL) }
    }

    /// A group whose leader was reaped.
    public static func remove(_ group: Int32) { state.withLock { _ = $0.groups.remove(group) } }

    /// Ends every group: asks with SIGTERM, and kills what is there after `grace` seconds. From then on nothing is started and nobody hears how
    /// a command ended: whoever waits for one waits until the program is gone, so that no result is made of a command that was cut off.
    public static func endAll(grace: Double = 1) {
        let groups = state.withLock { state in
            state.isEnding = true
            return state.groups
        }
        for group in groups { kill(-group, SIGTERM) }
        let deadline = ContinuousClock.now + .seconds(grace)
        // A group is gone when it has no member left, its leader reaped.
        while groups.contains(where: { isThere($0) }), ContinuousClock.now < deadline { usleep(10_000) }
        for group in groups { kill(-group, SIGKILL) }
    }

    private static func isThere(_ group: pid_t) -> Bool {
        while waitpid(-group, nil, WNOHANG) > 0 {}
        return kill(-group, 0) == 0
    }

    /// Does not return once the program is being ended.
    public static func holdIfEnding() {
        while state.withLock({ $0.isEnding }) { sleep(1) }
    }
}
