import Foundation
import GLVulkanInterop
import InteropTestSupport

/// Tests/TappedProgram, compiled with the system's compiler: it and what it is linked to know nothing of the package.
final class TappedProgram {
  /// How it gets at the functions of EGL and GLX, as its `-DLOOKUP`.
  enum Lookup: Int, CaseIterable { case linked, dlsym, getProcAddress, dlsymDefault, linkedGetProcAddress }

  /// What else stands before its swap, as the `-DSTYLE` of overlay.c.
  enum Overlay: Int, CaseIterable { case plain, beforeDlsym, pastAllOthers, beforeDlopen }

  private let folder: TemporaryFolder
  // Tests of this suite run one at a time.
  nonisolated(unsafe) private static let compiled: Result<TappedProgram, any Error> = Result { try TappedProgram() }

  /// - Returns: its path; nil, and a word in the closing lines, where it cannot be compiled.
  static func path(_ lookup: Lookup = .linked) throws -> String? {
    try path("\(lookup)")
  }

  static func path(_ overlay: Overlay) throws -> String? { try path("\(overlay).so") }

  private static func path(_ file: String) throws -> String? {
    guard PackageFile.path("Tests/TappedProgram/tapped.c") != nil else { return nil }
    do {
      return try compiled.get().folder.path(file)
    } catch let error as Program.NotStarted where error.code == ENOENT {
      TestStack.skip("demo-raw-gl tap: there is no C compiler")
      return nil
    }
  }

  private init() throws {
    folder = try TemporaryFolder()
    guard let source = PackageFile.path("Tests/TappedProgram/tapped.c"),
      let overlay = PackageFile.path("Tests/TappedProgram/overlay.c")
    else { return }
    func compile(_ arguments: [String]) throws {
      let result = try Program("cc", ["-Wall", "-Werror", "-O1"] + arguments).wait()
      if result.status != 0 { throw VirtualDisplay.Failure(description: "cc: \(result.errors)") }
    }
    let drivers = ["-Wl,--no-as-needed", "-lEGL", "-lGL"]
    for lookup in Lookup.allCases {
      let isLinked = lookup != .dlsym && lookup != .getProcAddress
      try compile(
        ["-DLOOKUP=\(lookup.rawValue)", source, "-o", folder.path("\(lookup)"), "-lX11", "-lpthread", "-ldl"]
          + (isLinked ? drivers : []))
    }
    for style in Overlay.allCases {
      // VirtualGL's is linked to the library that it is given for.
      try compile(
        ["-shared", "-fPIC", "-DSTYLE=\(style.rawValue)", overlay, "-o", folder.path("\(style).so"), "-ldl"]
          + (style == .beforeDlopen ? drivers : []))
    }
  }

  /// What it prints when it shows so many frames.
  static func lines(_ frames: Int) -> String { (1...frames).map { "frame \($0)\n" }.joined() }

  /// The picture of a frame.
  static func picture(_ frame: Int, _ size: PixelSize = PixelSize(width: 320, height: 240)) -> Bitmap {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size.width * size.height * 4)
    let (middle, grey) = (PixelSize(width: size.width / 2, height: size.height / 2), UInt8(frame & 255))
    for row in 0..<size.height {
      // From below, as GL counts.
      let y = size.height - 1 - row
      for x in 0..<size.width {
        let (right, above) = (x >= middle.width, y >= middle.height)
        if abs(2 * (x - middle.width) + 1) < 32, abs(2 * (y - middle.height) + 1) < 32 {
          bytes += [grey, grey, grey, 255]
        } else {
          bytes +=
            above ? (right ? [0, 255, 0, 255] : [255, 0, 0, 255]) : right ? [255, 255, 255, 255] : [0, 0, 255, 255]
        }
      }
    }
    return Bitmap(size: size, bytes: bytes)
  }
}

extension Bitmap {
  func part(x: Int, y: Int, _ size: PixelSize) -> Bitmap {
    var part: [UInt8] = []
    part.reserveCapacity(size.width * size.height * 4)
    for row in y..<y + size.height {
      let start = (row * self.size.width + x) * 4
      part += bytes[start..<start + size.width * 4]
    }
    return Bitmap(size: size, bytes: part)
  }
}
