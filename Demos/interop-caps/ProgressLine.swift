internal import InteropBase
import GLVulkanInterop
import Glibc
import InteropPrograms

/// Reports the current step when it takes a while: on a terminal in one line that is overwritten, else in a new line
/// from time to time.
final class ProgressLine: Sendable {
  private let start = ContinuousClock.now
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let last = Mutex<ContinuousClock.Instant?>(nil)

  func show(_ progress: ProbeOptions.Progress) {
    let now = ContinuousClock.now
    guard now - start > .seconds(1) else { return }
    let pause: Duration = isTerminal ? .milliseconds(50) : .seconds(3)
    let isDue = last.withLock { last in
      guard last.map({ now - $0 >= pause }) ?? true else { return false }
      last = now
      return true
    }
    guard isDue else { return }
    let text = "\(progress.done) of \(progress.total): \(progress.current)"
    if isTerminal {
      ProgramOutput.write("\r\u{1B}[K\(text.prefix(96))")
    } else {
      ProgramOutput.tell("interop-caps: \(text)")
    }
  }

  /// Clears the line.
  func finish() {
    let wasShown = last.withLock { $0 != nil }
    if isTerminal, wasShown { ProgramOutput.write("\r\u{1B}[K") }
  }
}
