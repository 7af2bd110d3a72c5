public import ArgumentParser
import GLVulkanInterop
import Glibc

extension ParsableCommand {
  /// Runs the program, in the place of `main()`, which would lose what stdout does not take, and then say that all is
  /// well.
  ///
  /// Errors go to stderr: an ``InteropError`` as its description. The exit status is 64 for wrong usage and 1 for
  /// anything else that fails, a result that cannot be written among it.
  public static func runProgram() -> Never {
    ProgramStreams.occupyClosed()
    var end: any Error = ExitCode.success
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      end = error
    }
    do {
      // What was asked for, help and versions among it, ends a command as errors do.
      let text = fullMessage(for: end)
      if exitCode(for: end) == .success {
        if !text.isEmpty { try ProgramOutput.result(text) }
      } else if !text.isEmpty {
        ProgramOutput.tell(text)
      }
      try ProgramOutput.finish()
    } catch {
      ProgramOutput.tell(fullMessage(for: error))
      Glibc.exit(EXIT_FAILURE)
    }
    Glibc.exit(exitCode(for: end).rawValue)
  }
}

enum ProgramStreams {
  /// A stream that the program was started without must not become the first file that is opened: a driver's cache, the
  /// socket of the display. What takes its number can neither be read nor written, so a result is still seen to be
  /// lost.
  static func occupyClosed() {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 && errno == EBADF {
      // The lowest number that is free, which is this one.
      _ = open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}
