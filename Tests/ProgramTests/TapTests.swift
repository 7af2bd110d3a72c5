import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

extension ProgramTests {
  /// `demo-raw-gl tap` on programs that know nothing of it. Whether something of a program's own has changed (GL state,
  /// GL and EGL errors, blocked signals) Tests/TappedProgram sees itself, and ends with 90 and more then.
  @Suite("Tap", .serialized) struct TapTests {
    static let size = PixelSize(width: 320, height: 240)
    static let kinds = ["glx", "egl", "gles"]

    /// - Returns: nil, with a line that says so, where there is no X server to be had.
    private func display() throws -> VirtualDisplay? {
      do {
        return try VirtualDisplay()
      } catch is VirtualDisplay.Missing {
        TestStack.skip("demo-raw-gl tap: Xvfb is not installed")
        return nil
      }
    }

    private func start(
      _ options: [String], _ program: [String], on display: VirtualDisplay?, environment: [String: String?] = [:]
    ) throws -> Program {
      var variables = environment
      // Without one there must be none by accident either.
      variables["DISPLAY"] = .some(display?.name)
      // Mesa's zink asks for it, and complains on the program's stderr if it is not there.
      variables["XDG_RUNTIME_DIR"] = FileManager.default.temporaryDirectory.path
      // There GL is Mesa's and Vulkan SwiftShader's: what is taken only if it is named, and is copied by the CPU.
      var options = options
      if !TestStack.abilities.givesProgramsItsGL, !options.contains("--vulkan-device") {
        options += ["--vulkan-device", "0"]
      }
      let layers = TestStack.layers.flatMap { ["--vulkan-layer", $0] }
      return try Program(DemoProgram.path, ["tap"] + options + layers + ["--"] + program, environment: variables)
    }

    private func run(
      _ options: [String], _ program: [String], on display: VirtualDisplay?, environment: [String: String?] = [:]
    ) throws -> Program.Result {
      try start(options, program, on: display, environment: environment).wait()
    }

    private func json(_ file: String) throws -> [String: Any] {
      try #require(
        try JSONSerialization.jsonObject(with: try Data(contentsOf: URL(fileURLWithPath: file))) as? [String: Any])
    }

    /// Whether this stack's Vulkan presents to an X window; Mesa's do.
    private func requiresViewer(_ tap: Program) -> Bool {
      guard tap.errors.contains("running headless") else { return true }
      if TestStack.abilities.mustPresentToX { return true }
      TestStack.skip("the viewer's window of demo-raw-gl tap: this Vulkan driver presents to no X window")
      return false
    }

    // MARK: Pictures

    @Test(arguments: kinds, TappedProgram.Lookup.allCases)
    func everybodySeesTheProgramsPicture(kind: String, lookup: TappedProgram.Lookup) throws {
      guard let program = try TappedProgram.path(lookup), let display = try display() else { return }
      let folder = try TemporaryFolder()
      let tap = try start(["--output", folder.path("last.png")], [program, kind, "8", "hold"], on: display)
      try #require(waitUntil(atMost: .seconds(30)) { tap.output.hasSuffix("holding\n") || tap.hasEnded() })
      let expected = TappedProgram.picture(8)
      // zink shows by a swapchain, whose picture comes when it comes.
      let isShown = try waitUntil(atMost: .seconds(10)) {
        try display.screenshot(display.size).part(x: 0, y: 0, Self.size) == expected
      }
      #expect(isShown, "the program's own window")
      if requiresViewer(tap) {
        let isThere = try waitUntil(atMost: .seconds(10)) {
          try display.screenshot(display.size).part(x: display.size.width - Self.size.width, y: 0, Self.size)
            == expected
        }
        #expect(isThere, "the viewer's window")
      }
      tap.send(SIGUSR1)
      let result = try tap.wait()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output == TappedProgram.lines(8) + "holding\n")
      #expect(result.errors.contains("swaps      8\n"), "\(result.errors)")
      #expect(try Bitmap(png: folder.path("last.png")) == expected, "the file")
    }

    @Test(arguments: kinds, ["opaque-fd", "host-copy"])
    func everyPathHasTheLastFrame(kind: String, path: String) throws {
      guard let program = try TappedProgram.path(), let display = try display() else { return }
      let folder = try TemporaryFolder()
      let options = [
        "--headless", "--path", path, "--output", folder.path("last.png"), "--stats-file", folder.path("stats"),
      ]
      let result = try run(options, [program, kind, "5"], on: display)
      #expect(result.status == 0, "\(result.errors)")
      guard FileManager.default.fileExists(atPath: folder.path("stats")) else {
        // The two drivers of this stack are not one device's.
        #expect(path == "opaque-fd" && !TestStack.abilities.mustShareWithPrograms, "\(result.errors)")
        #expect(result.errors.contains("frames are not shown"))
        return TestStack.skip("demo-raw-gl tap --path \(path): GL and Vulkan share no memory here")
      }
      #expect(result.errors.isEmpty)
      #expect(folder.read("stats").hasPrefix("path       \(path), mode blit"))
      #expect(try Bitmap(png: folder.path("last.png")) == TappedProgram.picture(5))
    }

    /// The context reads another window than the one that it draws into and swaps.
    @Test(arguments: kinds, ["60x40", "400x300"])
    func theDrawnWindowCountsNotTheOneThatIsRead(kind: String, read: String) throws {
      for lookup in [TappedProgram.Lookup.linked, .dlsym] {
        guard let program = try TappedProgram.path(lookup), let display = try display() else { return }
        let folder = try TemporaryFolder()
        let options = ["--headless", "--output", folder.path("last.png")]
        let result = try run(options, [program, kind, "6", "read=\(read)"], on: display)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == TappedProgram.lines(6))
        #expect(result.errors.contains("frames     6 of"), "\(result.errors)")
        #expect(try Bitmap(png: folder.path("last.png")) == TappedProgram.picture(6))
      }
    }

    @Test(arguments: kinds, [true, false])
    func itFollowsTheProgramsWindow(kind: String, isHeadless: Bool) throws {
      guard let program = try TappedProgram.path(), let display = try display() else { return }
      let folder = try TemporaryFolder()
      let options = (isHeadless ? ["--no-window"] : []) + ["--output", folder.path("last.png")]
      let tap = try start(options, [program, kind, "20", "resize=200x300", "hold"], on: display)
      let size = PixelSize(width: 200, height: 300)
      try #require(waitUntil(atMost: .seconds(30)) { tap.output.hasSuffix("holding\n") || tap.hasEnded() })
      if !isHeadless, requiresViewer(tap) {
        // Where its upper left corner was.
        let isThere = try waitUntil(atMost: .seconds(10)) {
          let screen = try display.screenshot(display.size)
          return screen.part(x: display.size.width - Self.size.width, y: 0, size) == TappedProgram.picture(20, size)
        }
        #expect(isThere)
      }
      tap.send(SIGUSR1)
      let result = try tap.wait()
      #expect(result.status == 0, "\(result.errors)")
      #expect(try Bitmap(png: folder.path("last.png")) == TappedProgram.picture(20, size))
    }

    @Test(arguments: kinds) func eachContextHasAViewer(kind: String) throws {
      guard let program = try TappedProgram.path(.dlsym), let display = try display() else { return }
      let folder = try TemporaryFolder()
      let options = ["--headless", "--output", folder.path("last.png"), "--stats-file", folder.path("stats")]
      let tap = try start(options, [program, kind, "3", "contexts=3", "hold"], on: display)
      for context in 1...3 {
        let holds = String(repeating: TappedProgram.lines(3) + "holding\n", count: context)
        try #require(waitUntil(atMost: .seconds(30)) { tap.output == holds || tap.hasEnded() })
        // Those before it are destroyed, and their viewers have ended.
        #expect(folder.contents.filter { $0.hasPrefix("stats") }.count == context - 1)
        tap.send(SIGUSR1)
      }
      let result = try tap.wait()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.isEmpty)
      #expect(folder.contents.sorted() == ["last-2.png", "last-3.png", "last.png", "stats", "stats-2", "stats-3"])
      for name in ["last.png", "last-2.png", "last-3.png"] {
        #expect(try Bitmap(png: folder.path(name)) == TappedProgram.picture(3), "\(name)")
      }
    }

    @Test(arguments: kinds) func theContextMayChangeItsThread(kind: String) throws {
      guard let program = try TappedProgram.path(), let display = try display() else { return }
      let result = try run(["--headless"], [program, kind, "10", "threads"], on: display)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("frames     10 of"), "\(result.errors)")
    }

    // MARK: Statistics

    @Test func itStopsAfterSoManyFramesAndTheProgramGoesOn() throws {
      guard let program = try TappedProgram.path(), let display = try display() else { return }
      let folder = try TemporaryFolder()
      let options = [
        "--headless", "--frames", "5", "--stats", "json", "--stats-file", folder.path("stats"), "--output",
        folder.path("last.png"),
      ]
      let result = try run(options, [program, "glx", "30"], on: display)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output == TappedProgram.lines(30))
      #expect(result.errors.isEmpty)
      let found = try json(folder.path("stats"))
      #expect(found["frames"] as? Int == 5)
      #expect((5...29).contains(found["swaps"] as? Int ?? 0))
      #expect(try Bitmap(png: folder.path("last.png")) == TappedProgram.picture(5))
      let demo = try DemoProgram.run(["--headless", "--frames", "1", "--stats", "json"])
      let keys = try #require(try JSONSerialization.jsonObject(with: Data(demo.output.utf8)) as? [String: Any]).keys
      #expect(Set(found.keys) == Set(keys).union(["swaps"]))
    }

    @Test func statisticsAreWrittenWhenTheProgramExits() throws {
      guard let program = try TappedProgram.path(), let display = try display() else { return }
      for options in [["--headless"], []] {
        let result = try run(options, [program, "egl", "6", "leave", "exit=3"], on: display)
        #expect(result.status == 3, "\(result.errors)")
        #expect(result.output == TappedProgram.lines(6))
        #expect(result.errors.contains("swaps      6\n"), "\(result.errors)")
      }
    }

    @Test(.onFirstStack) func statisticsThatCannotBeWrittenAreSaid() throws {
      guard let program = try TappedProgram.path(), let display = try display() else { return }
      let result = try run(["--headless", "--stats-file", "/dev/full"], [program, "glx", "3"], on: display)
      // The program's own.
      #expect(result.status == 0)
      #expect(result.output == TappedProgram.lines(3))
      #expect(
        result.errors.contains("the statistics are lost: write /dev/full: it cannot be written"), "\(result.errors)")
    }

    // MARK: The program's end

    @Test(
      arguments: [
        ("exit=0", 0), ("exit=3", 3), ("kill=\(SIGTERM)", 128 + SIGTERM), ("kill=\(SIGSEGV)", 128 + SIGSEGV),
        ("kill=\(SIGABRT)", 128 + SIGABRT),
      ] as [(String, Int32)])
    func itEndsAsItWouldHave(word: String, status: Int32) throws {
      guard let program = try TappedProgram.path(), let display = try display() else { return }
      for kind in Self.kinds {
        let result = try run(["--headless"], [program, kind, "3", word], on: display)
        #expect(result.status == status, "\(kind): \(result.errors)")
        #expect(result.output == TappedProgram.lines(3))
        // Swift's runtime has much to say of crashes.
        if status > 128 { #expect(result.errors.isEmpty) }
      }
    }

    @Test func endsWithoutExitHandlersAndChildren() throws {
      guard let program = try TappedProgram.path(), let display = try display() else { return }
      let result = try run(["--headless"], [program, "glx", "4", "_exit", "exit=9"], on: display)
      #expect(result.status == 9, "\(result.errors)")
      let forking = try run(["--headless"], [program, "glx", "4", "fork"], on: display)
      #expect(forking.status == 0, "\(forking.errors)")
      #expect(forking.errors.contains("frames     4 of"))
    }

    @Test(.onFirstStack) func programsWithoutGLRunAsTheyAre() throws {
      let result = try run([], ["sh", "-c", "echo $1; echo $2 >&2; exit 7", "sh", "out", "err"], on: nil)
      #expect(result.status == 7)
      #expect(result.output == "out\n")
      #expect(result.errors == "err\n")
    }

    @Test(.onFirstStack) func whatCannotRunSaysSo() throws {
      let missing = try run([], ["no-such-program"], on: nil)
      #expect(missing.status == 127)
      #expect(missing.output.isEmpty)
      #expect(missing.errors == "demo-raw-gl tap: no-such-program: No such file or directory\n")
      let folder = try TemporaryFolder()
      let refused = try run([], [folder.path("")], on: nil)
      #expect(refused.status == 126)
      #expect(refused.errors.hasSuffix("Permission denied\n"))
      let unwritable = try run(["--output", "/no/where.png"], ["true"], on: nil)
      #expect(unwritable.status == 1)
      #expect(unwritable.errors.hasPrefix("Error: write the picture: "))
    }

    @Test(
      .onFirstStack,
      arguments: [
        ["tap"], ["tap", "--"], ["tap", "true"], ["tap", "--frames", "0", "--", "true"],
        ["tap", "--stats", "xml", "--", "true"],
        ["tap", "--path", "teleport", "--", "true"],
        ["tap", "--path", "host-copy", "--sync", "semaphore-fd", "--", "true"],
        ["tap", "--size", "4x4", "--", "true"], ["--headless", "tap", "--", "true"],
      ])
    func wrongUsageExits64(arguments: [String]) throws {
      let result = try Program(DemoProgram.path, arguments).wait()
      #expect(result.status == 64)
      #expect(result.output.isEmpty)
      #expect(result.errors.hasPrefix("Error: "))
      #expect(result.errors.contains("Usage: demo-raw-gl"))
    }

    // MARK: Who is tapped

    @Test func whatAScriptExecutesIsTappedAndItsChildrenAreNot() throws {
      guard let program = try TappedProgram.path(), let display = try display() else { return }
      let executed = try run(["--headless"], ["sh", "-c", "exec \(program) glx 3 exit=4"], on: display)
      #expect(executed.status == 4, "\(executed.errors)")
      #expect(executed.errors.contains("swaps      3"))
      let child = try run(["--headless"], ["sh", "-c", "\(program) glx 3 exit=4; exit $?"], on: display)
      #expect(child.status == 4)
      #expect(child.output == TappedProgram.lines(3))
      #expect(child.errors.isEmpty)
    }

    /// Others may stand before a program's swap, in LD_PRELOAD before the tap or behind it: each is called as it would
    /// have been without the tap, and the tap sees each frame once.
    @Test(.onFirstStack, arguments: TappedProgram.Overlay.allCases, [true, false])
    func overlaysAreCalledAsWithoutTheTap(overlay: TappedProgram.Overlay, isTapFirst: Bool) throws {
      guard let library = try TappedProgram.path(overlay), let display = try display() else { return }
      let (frames, folder) = (3, try TemporaryFolder())
      for lookup in TappedProgram.Lookup.allCases {
        guard let program = try TappedProgram.path(lookup) else { return }
        for kind in ["egl", "glx"] {
          let what = "\(overlay), \(lookup), \(kind)"
          for name in folder.contents { try FileManager.default.removeItem(atPath: folder.path(name)) }
          var environment: [String: String?] = ["OVERLAY_LOG": folder.path("calls")]
          // The launcher puts its own before what is there; who comes later comes before both.
          let words: [String]
          if isTapFirst {
            environment["LD_PRELOAD"] = library
            words = [program, kind, "\(frames)"]
          } else {
            words = [
              "sh", "-c", "export LD_PRELOAD=\"$1:$LD_PRELOAD\"; shift; exec \"$@\"", "sh", library, program, kind,
              "\(frames)",
            ]
          }
          let options = [
            "--headless", "--stats", "json", "--stats-file", folder.path("stats"), "--output", folder.path("last.png"),
          ]
          let result = try run(options, words, on: display, environment: environment)
          #expect(result.status == 0, "\(what): \(result.errors)")
          #expect(result.output == TappedProgram.lines(frames), "\(what)")
          // Who only has the functions is not asked by dlsym with a library's handle.
          let isAsked = overlay != .plain || lookup != .dlsym && lookup != .getProcAddress
          let expected = isAsked ? String(repeating: kind == "egl" ? "e" : "g", count: frames) : ""
          #expect(folder.read("calls") == expected, "\(what)")
          let statistics = try json(folder.path("stats"))
          #expect(statistics["swaps"] as? Int == frames, "\(what)")
          #expect(statistics["frames"] as? Int == frames, "\(what)")
          #expect(try Bitmap(png: folder.path("last.png")) == TappedProgram.picture(frames), "\(what)")
        }
      }
    }

    /// It stands before every library of every program that runs there.
    @Test(.onFirstStack) func theLibraryInTheProgramNeedsOnlyLibc() throws {
      let folder = URL(fileURLWithPath: DemoProgram.path).deletingLastPathComponent()
      let library = folder.appendingPathComponent("libgl-vulkan-interop-tap.so").path
      do {
        let needed = try Program("readelf", ["--dynamic", "--wide", library]).wait().output
        let names = needed.matches(of: /\(NEEDED\).*\[([a-z+-]+)/).map { String($0.output.1) }
        #expect(!names.isEmpty)
        #expect(Set(names).isSubset(of: ["libc", "libm", "ld-linux-x", "ld-linux-aarch"]), "\(names)")
      } catch let error as Program.NotStarted where error.code == ENOENT {
        TestStack.skip("what the library of demo-raw-gl tap needs: there is no readelf (binutils)")
      }
    }

    @Test func whatFailsIsSaidOnceAndTheProgramGoesOn() throws {
      guard let program = try TappedProgram.path(), let display = try display() else { return }
      for kind in Self.kinds {
        let result = try run(["--headless", "--vulkan-device", "99"], [program, kind, "5"], on: display)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == TappedProgram.lines(5))
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        #expect(result.errors.hasPrefix("demo-raw-gl tap: the program's frames are not shown: choose Vulkan device: "))
      }
    }

    // MARK: Programs that exist

    @Test(arguments: [("glxgears", ["-geometry", "300x300"]), ("es2gears_x11", [])] as [(String, [String])])
    func gears(name: String, arguments: [String]) throws {
      guard let display = try display() else { return }
      let folder = try TemporaryFolder()
      let options = ["--frames", "30", "--stats-file", folder.path("stats"), "--output", folder.path("last.png")]
      let tap: Program
      do {
        // Started here and now, as the launcher says ENOENT with a status.
        _ = try Program(name, ["-info"], environment: ["DISPLAY": ":no"]).wait()
        tap = try start(options, [name] + arguments, on: display)
      } catch let error as Program.NotStarted where error.code == ENOENT {
        return TestStack.skip("demo-raw-gl tap -- \(name): it is not installed (Debian: mesa-utils)")
      }
      #expect(waitUntil(atMost: .seconds(30)) { folder.read("stats").hasSuffix("\n") || tap.hasEnded() })
      #expect(!tap.hasEnded(), "it goes on: \(tap.errors)")
      tap.send(SIGTERM)
      let result = try tap.wait()
      #expect(result.status == 128 + SIGTERM)
      if requiresViewer(tap) { #expect(result.errors.isEmpty) }
      #expect(folder.read("stats").contains("frames     30 of 300x300"), "\(folder.read("stats"))")
      try expectGears(Bitmap(png: folder.path("last.png")))
    }

    /// Three of them, in red, green and blue, on black.
    private func expectGears(_ picture: Bitmap) {
      var counts = [0, 0, 0, 0]
      for y in 0..<picture.size.height {
        for x in 0..<picture.size.width {
          let color = picture[x, y]
          let strongest = max(color.red, color.green, color.blue)
          counts[strongest < 20 ? 3 : strongest == color.red ? 0 : strongest == color.green ? 1 : 2] += 1
        }
      }
      #expect(picture.size == PixelSize(width: 300, height: 300))
      // The red one is the largest; most of the window is empty. Upside down the blue one would be below.
      #expect(counts[0] > 8_000 && counts[1] > 1_500 && counts[2] > 1_500 && counts[3] > 40_000, "\(counts)")
      func hasBlue(_ rows: Range<Int>) -> Bool {
        rows.contains { y in (0..<picture.size.width).contains { picture[$0, y].blue > 150 && picture[$0, y].red < 100 }
        }
      }
      #expect(hasBlue(0..<120) && !hasBlue(180..<300))
    }

    @Test(arguments: ["glmark2", "glmark2-es2"]) func benchmark(name: String) throws {
      guard let display = try display() else { return }
      let folder = try TemporaryFolder()
      let program = [name, "-b", "build:duration=1", "--size", "200x150"]
      let plain: Program.Result
      do {
        plain = try Program(
          program[0], Array(program.dropFirst()),
          environment: ["DISPLAY": display.name, "XDG_RUNTIME_DIR": FileManager.default.temporaryDirectory.path]
        ).wait()
      } catch let error as Program.NotStarted where error.code == ENOENT {
        return TestStack.skip("demo-raw-gl tap -- \(name): it is not installed (Debian: \(name))")
      }
      let result = try run(
        ["--headless", "--stats", "json", "--stats-file", folder.path("stats")], program, on: display)
      #expect(result.status == plain.status, "\(result.errors)")
      #expect(result.status == 0)
      func withoutNumbers(_ text: String) -> String { text.replacing(/(FPS|FrameTime|Score): +[\d.]+ */, with: "") }
      #expect(withoutNumbers(result.output) == withoutNumbers(plain.output))
      #expect(result.errors == plain.errors)
      let found = try json(folder.path("stats"))
      #expect(found["size"] as? String == "200x150")
      #expect(found["frames"] as? Int ?? 0 > 0)
      #expect(found["frames"] as? Int == found["swaps"] as? Int, "without a window no frame is left out")
    }
  }
}
