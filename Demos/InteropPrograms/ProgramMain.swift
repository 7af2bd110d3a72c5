public import ArgumentParser
import GLVulkanInterop
import Glibc

extension ParsableCommand {
  /// Runs the program in place of `main()`, which would lose output that stdout does not accept and still report
  /// success.
  ///
  /// Errors go to stderr: an ``InteropError`` as its description. The exit status is 64 for wrong usage and 1 for any
  /// other failure, including a result that cannot be written.
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
      // Output that the user asked for, such as help and the version, ends a command in the same way as errors.
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
  /// If the program was started without a standard stream, the first file that is opened (a driver's cache, the socket
  /// of the display) must not become that stream. The file that takes the number can neither be read nor written, so
  /// that a lost result is still an error.
  static func occupyClosed() {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 && errno == EBADF {
      // open returns the lowest free number, which is this one.
      _ = open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}
