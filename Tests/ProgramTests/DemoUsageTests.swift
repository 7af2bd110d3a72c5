import Testing

extension ProgramTests {
  @Suite struct DemoUsage {
    @Test(arguments: [
      ["--producer", "cooked"], ["--path", "teleport"], ["--mode", "both"], ["--sync", "hope"], ["--size", "0x0"],
      ["--size", "640"], ["--size", "-1x5"], ["--frames", "0"], ["--frames", "many"], ["--frames-in-flight", "0"],
      ["--frames-in-flight", "17"], ["--pixel-format", "rgba9"], ["--samples", "0"], ["--stats", "xml"],
      ["--gl", "device:x"], ["--gl-api", "glide"], ["--mode", "direct", "--samples", "4"],
      ["--path", "host-copy", "--sync", "semaphore-fd"], ["--path", "host-copy", "--sync", "sync-file"], ["--unknown"],
      ["stray"],
    ])
    func wrongUsageExits64(arguments: [String]) throws {
      let result = try Program(DemoProgram.path, ["--headless"] + arguments).wait()
      #expect(result.status == 64)
      #expect(result.output.isEmpty)
      #expect(result.errors.hasPrefix("Error: "))
      #expect(result.errors.contains("Usage: demo-raw-gl"))
    }

    @Test func refusedNamesListWhatThereIs() throws {
      let producers = try DemoProgram.run(["--producer", "x"]).errors
      #expect(producers.contains("'surfaceless'") && producers.contains("'raw'"))
      let paths = try DemoProgram.run(["--path", "x"]).errors
      for path in ["opaque-fd", "dma-buf-import", "dma-buf-export", "host-copy"] {
        #expect(paths.contains("'\(path)'"))
      }
      #expect(try DemoProgram.run(["--sync", "x"]).errors.contains("'sync-file'"))
    }

    @Test func helpNamesEveryOption() throws {
      let result = try Program(DemoProgram.path, ["--help"]).wait()
      #expect(result.status == 0)
      #expect(result.errors.isEmpty)
      for option in [
        "producer", "path", "mode", "sync", "size", "frames", "frames-in-flight", "headless", "output", "stats",
        "pixel-format", "samples", "gl", "gl-api", "vulkan-device", "vulkan-layer", "help", "version",
      ] {
        #expect(result.output.contains("--\(option)"))
      }
    }

    @Test func versionIsANumber() throws {
      let result = try Program(DemoProgram.path, ["--version"]).wait()
      #expect(result.status == 0)
      #expect(result.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }

    @Test func missingDevicesAreErrorsOfOneSentence() throws {
      for arguments in [["--vulkan-device", "99"], ["--vulkan-device", "No Such Device"]] {
        let result = try DemoProgram.run(["--headless", "--frames", "1"] + arguments)
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("Error: choose Vulkan device: "))
      }
      let result = try Program(DemoProgram.path, ["--headless", "--gl", "angle:/nowhere/libEGL.so"]).wait()
      #expect(result.status == 1)
      #expect(result.errors.hasPrefix("Error: dlopen /nowhere/libEGL.so: "))
    }
  }
}
