import Foundation
import InteropTestSupport
import Testing

/// Errors read the same in Swift and in C: what they name must be there, and in both.
@Suite("Names in errors") struct ErrorTextTests {
  private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// What C has no functions for: syncobjs, GBM, the CPU's look into a buffer, conversions of YUV.
  private static let swiftOnly: Set<String> = [
    "DMABufImplicitSync.swift", "DMABufMapping.swift", "DRMSyncTimeline.swift", "GBMDevice.swift", "YUVConverter.swift",
    "YUVTextureBlitter.swift", "YUVImage.swift",
  ]

  /// Names that are neither ours nor of a kind that ``isForeign(_:)`` knows.
  private static let products: Set<String> = [
    "OpenGL", "SwiftShader", "KhronosGroup", "WiVRn", "sRGB", "libEGL", "samplerYcbcrConversion", "timelineSemaphore",
    "apiVersion", "maxImageDimension2D", "libGLX", "libGL", "renderD", "MediaTek", "UInt8", "0x8CD6",
    // In preconditions, which only developers of the package read.
    "makeShader", "SharedImage",
    // Of Dawn.
    "WebGPU", "requiredFeatures", "SharedTextureMemoryOpaqueFD", "SharedTextureMemoryDmaBuf",
    "SharedFenceVkSemaphoreOpaqueFD",
    "SharedFenceSyncFD",
    // Beside the ioctl that does the same.
    "DRMSyncTimeline", "exportSyncFile",
  ]

  /// Of GL, EGL, GLX, Vulkan, WebGPU.
  private static func isForeign(_ name: String) -> Bool {
    ["glX", "egl", "gl", "vk", "Vk", "wgpu", "WGPU"].contains {
      name.hasPrefix($0) && name.dropFirst($0.count).first?.isUppercase == true
    }
  }

  /// What stands between the quotes of a line, without what is interpolated; code's own strings have no spaces.
  private static func literal(_ line: Substring) -> String {
    var words = ""
    var (isInside, depth) = (false, 0)
    var before: Character = " "
    for character in line {
      if depth > 0 {
        depth += character == "(" ? 1 : character == ")" ? -1 : 0
      } else if character == "\"", before != "\\" {
        isInside.toggle()
        words += " "
      } else if isInside, character == "(", before == "\\" {
        depth = 1
        words.removeLast()
      } else if isInside {
        words.append(character)
      }
      before = character
    }
    return words.trimmingCharacters(in: .whitespaces).contains(" ") ? words : ""
  }

  /// Words with a capital inside, as Swift's names are.
  private static func names(in words: String) -> [String] {
    words.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }).map(String.init).filter { word in
      let inner = word.dropFirst()
      guard word.contains(where: \.isLowercase), inner.contains(where: \.isUppercase), !word.contains("_") else {
        return false
      }
      // A plural of capitals is no name: UUIDs, FDs.
      guard !word.dropLast().allSatisfy(\.isUppercase), !isForeign(word), !products.contains(word) else { return false }
      return true
    }
  }

  @Test(.onFirstStack) func whatTheyNameIsThere() throws {
    let manager = FileManager.default
    let header = try ["gl_vulkan_interop.h", "glvk_webgpu.h"].map { name in
      try String(contentsOf: Self.root.appendingPathComponent("Sources/CInterface/include/\(name)"), encoding: .utf8)
    }.joined()
    var files: [(name: String, text: String)] = []
    let modules = [
      "InteropBase", "InteropDrivers", "LinuxBuffers", "RawImport", "YUVImages", "Capability", "Producers",
      "WebGPUInterop", "CInterfaceFunctions",
    ]
    for module in modules {
      let folder = Self.root.appendingPathComponent("Sources/\(module)")
      for path in try manager.subpathsOfDirectory(atPath: folder.path) where path.hasSuffix(".swift") {
        let file = folder.appendingPathComponent(path)
        files.append((file.lastPathComponent, try String(contentsOf: file, encoding: .utf8)))
      }
    }
    let sources = files.map(\.text).joined()
    func isDeclared(_ name: String) -> Bool {
      ["func ", "var ", "let ", "case ", "struct ", "class ", "enum ", "init(", ", ", "("].contains {
        sources.contains($0 + name)
      }
    }
    var (wrong, literals, named) = ([String](), 0, 0)
    for (file, text) in files where !Self.shaders.contains(file) {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        let words = Self.literal(line)
        guard !words.isEmpty else { continue }
        literals += 1
        let around = lines[max(0, index - 1)...min(lines.count - 1, index + 1)].map { Self.literal($0) }.joined(
          separator: " ")
        let parts = around.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" })
        let ofC = parts.filter { $0.hasPrefix("glvk_") || $0.hasPrefix("GLVK_") }
        for name in ofC where !header.contains(name) { wrong.append("\(file):\(index + 1): C has no \(name)") }
        let members = parts.filter {
          $0.contains("_") && $0.allSatisfy { $0.isLowercase || $0 == "_" } && header.contains($0)
        }
        let names = Self.names(in: words)
        named += names.count
        for name in names where !isDeclared(name) { wrong.append("\(file):\(index + 1): Swift has no \(name)") }
        if !names.isEmpty, ofC.isEmpty, members.isEmpty, !Self.swiftOnly.contains(file) {
          wrong.append("\(file):\(index + 1): C has no \(names.joined(separator: ", ")): \(words)")
        }
      }
    }
    // Or nothing was looked at.
    #expect(literals > 400 && named > 5)
    #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
  }

  /// Whose strings are programs.
  private static let shaders: Set<String> = [
    "CopyProgram.swift", "ES2Blitter.swift", "YUVShaderSource.swift", "YUVShaders.swift",
  ]
}
