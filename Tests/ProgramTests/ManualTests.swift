import Foundation
import InteropTestSupport
import Testing

extension ProgramTests {
  /// Manual pages and shell completions against the programs' own words.
  @Suite("Manuals and completions", .serialized, .onFirstStack) struct ManualTests {
    static let programs = ["interop-caps", "demo-raw-gl"]
    /// Programs, and what one does that has a page of its own.
    static let pages = programs + ["demo-raw-gl tap"]

    // MARK: Manual pages

    @Test(arguments: pages) func optionsAreThoseOfTheHelp(program: String) throws {
      guard let page = try page(program) else { return }
      let help = try words(program, "--help").split(separator: "\n")
      // "  -h, --help  …", "  --gl <…>": an option is two columns in.
      let helped = help.compactMap { $0.prefixMatch(of: /\ \ (?:-\w, )?--([a-z-]+)/)?.output.1 }
      // ".It Fl -gl Ar …", ".It Fl h , Fl -help"
      let explained = page.compactMap { $0.prefixMatch(of: /\.It (?:Fl \w , )?Fl -([a-z-]+)/)?.output.1 }
      #expect(!helped.isEmpty)
      #expect(explained.sorted() == helped.sorted())
      // ".Op Fl -gl Ar …", ".Fl -help | -version"
      let synopsis = section("SYNOPSIS", of: page).flatMap { $0.matches(of: /(?:Fl|\|) -([a-z-]+)/).map(\.output.1) }
      #expect(synopsis.sorted() == helped.sorted())
    }

    @Test(arguments: pages) func exitStatusesAreThoseOfTheHelp(program: String) throws {
      guard let page = try page(program) else { return }
      let help = try words(program, "--help").split(whereSeparator: \.isWhitespace).joined(separator: " ")
      // "Exit status: 0 done, 64 wrong usage, 1 anything else. …"
      let sentence = try #require(help.firstMatch(of: /Exit\ status:(.*?)\.\ /)?.output.1)
      let helped = sentence.matches(of: /(?:^|,)\ (\d+)\ /).map(\.output.1)
      let explained = section("EXIT STATUS", of: page).compactMap { $0.wholeMatch(of: /\.It (\d+)/)?.output.1 }
      #expect(!helped.isEmpty)
      #expect(explained == helped)
    }

    @Test(arguments: pages) func itRendersWithoutWarnings(program: String) throws {
      guard let file = PackageFile.path(Self.file(program)) else { return }
      let tools: [[String]] = [
        ["mandoc", "-Tlint", "-Wwarning"], ["groff", "-mandoc", "-ww", "-z", "-Tutf8"], ["man", "--warnings", "-l"],
      ]
      var found = false
      for tool in tools {
        guard let result = try runIfThere(tool[0], Array(tool.dropFirst()) + [file]) else { continue }
        found = true
        #expect(result.status == 0, "\(tool[0])")
        #expect(result.errors.isEmpty, "\(tool[0])")
        // man shows the page, the others only look at it.
        #expect(result.output.isEmpty == (tool[0] != "man"), "\(tool[0]): \(result.output)")
      }
      if !found { TestStack.skip("manual pages rendered: no mandoc, groff or man") }
    }

    // MARK: Completions

    @Test(arguments: programs, ["bash", "zsh", "fish"])
    func theShellTakesTheCompletions(program: String, shell: String) throws {
      let folder = try TemporaryFolder()
      let file = folder.path("completions")
      try words(program, "--generate-completion-script", shell).write(toFile: file, atomically: true, encoding: .utf8)
      guard let result = try runIfThere(shell, ["-n", file]) else {
        return TestStack.skip("completions for \(shell): there is no \(shell)")
      }
      #expect(result.status == 0)
      #expect(result.errors.isEmpty)
    }

    private static let paths = ["dma-buf-export", "dma-buf-import", "host-copy", "opaque-fd"]
    private static let formats = [
      "bgra8", "bgra8-srgb", "r8", "rg8", "rgb10a2", "rgba16f", "rgba8", "rgba8-srgb",
    ]

    @Test(
      arguments: [
        ("interop-caps --format ", ["json", "table"]), ("interop-caps --format j", ["json"]),
        ("interop-caps --path ", paths), ("interop-caps --path opaque-fd --path h", ["host-copy"]),
        ("interop-caps --pixel-format ", formats), ("interop-caps --gl-api ", ["gl", "gles"]),
        ("interop-caps --gl s", ["surfaceless"]), ("interop-caps --explain ", paths), ("interop-caps --prefer ", paths),
        ("interop-caps --vulkan-layer ", ["VK_LAYER_KHRONOS_validation"]),
        ("interop-caps --no-", ["--no-cache", "--no-probe"]),
        ("interop-caps --measure --me", []), ("interop-caps --size ", []), ("interop-caps --format xml", []),
        ("demo-raw-gl --path ", ["auto"] + paths), ("demo-raw-gl --mode ", ["auto", "blit", "direct"]),
        ("demo-raw-gl --sync ", ["auto", "cpu-wait", "semaphore-fd", "sync-file", "timeline-semaphore"]),
        ("demo-raw-gl --stats ", ["json", "text"]),
        ("demo-raw-gl --producer ", ["raw", "surfaceless"]),
        ("demo-raw-gl --pixel-format rgba8", ["rgba8", "rgba8-srgb"]),
        ("demo-raw-gl ta", ["tap"]), ("demo-raw-gl tap --stats ", ["json", "text"]),
        ("demo-raw-gl tap --path ", ["auto"] + paths),
        ("demo-raw-gl tap --stats-", ["--stats-file"]), ("demo-raw-gl --output ", ["folder", "picture.png"]),
        ("demo-raw-gl --he", ["--headless", "--help"]),
      ] as [(String, [String])])
    func bashCompletes(line: String, expected: [String]) throws {
      let folder = try TemporaryFolder()
      try FileManager.default.createDirectory(atPath: folder.path("folder"), withIntermediateDirectories: false)
      for name in ["picture.png", "notes.txt"] { try Data().write(to: URL(fileURLWithPath: folder.path(name))) }
      let program = String(line.prefix { $0 != " " })
      let file = folder.path(".completions")
      try words(program, "--generate-completion-script", "bash").write(toFile: file, atomically: true, encoding: .utf8)
      // As bash does on the key: the cursor is at the end, the function gets command, word, and word before.
      let script = """
        source "$1" && cd "$2" || exit 1
        COMP_LINE=$3 COMP_POINT=${#3}
        read -r -a COMP_WORDS <<<"$3"
        case $3 in *' ') COMP_WORDS+=('') ;; esac
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        "_$4" "$4" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        [ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
        """
      let result = try Program("bash", ["--norc", "-c", script, "bash", file, folder.path(""), line, program]).wait()
      #expect(result.status == 0)
      #expect(result.errors.isEmpty)
      #expect(result.output.split(separator: "\n").map(String.init).sorted() == expected)
    }

    // MARK: Helpers

    private func words(_ program: String, _ arguments: String...) throws -> String {
      let folder = URL(fileURLWithPath: DemoProgram.path).deletingLastPathComponent()
      let words = program.split(separator: " ").map(String.init) + arguments
      let result = try Program(folder.appendingPathComponent(words[0]).path, Array(words.dropFirst())).wait()
      #expect(result.status == 0, "\(result.errors)")
      return result.output
    }

    private static func file(_ page: String) -> String { "docs/\(page.replacing(" ", with: "-")).1" }

    /// The source, line by line.
    private func page(_ program: String) throws -> [Substring]? {
      guard let file = PackageFile.path(Self.file(program)) else { return nil }
      return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    }

    private func section(_ name: String, of page: [Substring]) -> ArraySlice<Substring> {
      guard let start = page.firstIndex(of: ".Sh \(name)") else { return [] }
      let rest = page[(start + 1)...]
      return rest[..<(rest.firstIndex { $0.hasPrefix(".Sh ") } ?? rest.endIndex)]
    }

    /// - Returns: nil where there is no such program.
    private func runIfThere(_ program: String, _ arguments: [String]) throws -> Program.Result? {
      do {
        return try Program(program, arguments, environment: ["LC_ALL": "C.UTF-8", "MANPAGER": "cat"]).wait()
      } catch let error as Program.NotStarted where error.code == ENOENT {
        return nil
      }
    }
  }
}
