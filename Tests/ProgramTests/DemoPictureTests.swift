import Foundation
import GLVulkanInterop
import InteropPrograms
import InteropTestSupport
import Testing

extension ProgramTests {
  @Suite struct DemoPicture {
    @Test(arguments: [(1, "320x240"), (91, "320x240"), (181, "200x300"), (271, "129x257")])
    func theTriangleIsTheRightWayUp(frames: Int, size: String) throws {
      let picture = try DemoProgram.picture(["--frames", "\(frames)", "--size", size])
      #expect(picture.size == PixelSize(size))
      picture.expectTriangle(degrees: Double(frames - 1))
      #expect(picture.alpha(0, 0) == 255)
    }

    @Test(arguments: PixelFormat.all.map(\.name))
    func everyFormatShowsTheSamePicture(format: String) throws {
      let picture = try DemoProgram.picture(["--frames", "31", "--size", "160x120", "--pixel-format", format])
      switch format {
      case "r8", "rg8":
        let reference = try DemoProgram.picture(["--frames", "31", "--size", "160x120"])
        for y in 0..<picture.size.height {
          for x in 0..<picture.size.width {
            let (red, green) = (reference[x, y].red, reference[x, y].green)
            let expected =
              format == "r8"
              ? Bitmap.Color(red: red, green: red, blue: red) : Bitmap.Color(red: red, green: green, blue: 0)
            #expect(picture[x, y].isNear(expected), "at \(x), \(y)")
          }
        }
      default: picture.expectTriangle(degrees: 30)
      }
    }

    @Test(arguments: [
      [], ["--mode", "direct"], ["--mode", "blit"], ["--samples", "4"], ["--pixel-format", "bgra8"],
      ["--pixel-format", "rgba8-srgb"], ["--pixel-format", "rgb10a2"], ["--path", "host-copy"],
    ])
    func whoeverRendersThePictureIsTheSame(arguments: [String]) throws {
      let arguments = ["--frames", "16", "--size", "161x119"] + arguments
      let raw = try DemoProgram.picture(["--producer", "raw"] + arguments)
      raw.expectTriangle(degrees: 15)
      #expect(try DemoProgram.picture(arguments) == raw)
    }

    @Test func samplesSmoothTheEdgesAndKeepThePicture() throws {
      try DemoProgram.picture(["--frames", "16", "--size", "160x120", "--samples", "4"]).expectTriangle(degrees: 15)
    }

    @Test func everyModeShowsTheSamePicture() throws {
      let arguments = ["--frames", "16", "--size", "160x120", "--mode"]
      let direct = try DemoProgram.picture(arguments + ["direct"])
      direct.expectTriangle(degrees: 15)
      #expect(try DemoProgram.picture(arguments + ["blit"]) == direct)
    }

    @Test(arguments: ["rgba8", "bgra8"])
    func hostCopyGivesTheSameFileAsOpaqueFD(format: String) throws {
      let folder = try TemporaryFolder()
      let arguments = ["--headless", "--frames", "20", "--size", "333x222", "--pixel-format", format]
      for path in ["host-copy", "opaque-fd"] {
        let result = try DemoProgram.run(arguments + ["--path", path, "--output", folder.path(path)])
        if path == "opaque-fd", result.status == 1, !TestStack.abilities.mustBeOneDevice {
          print("INTEROP-SKIP: demo with opaque-fd: \(result.errors)")
          return
        }
        try #require(result.status == 0, "\(result.errors)")
      }
      #expect(try folder.bytes("host-copy") == folder.bytes("opaque-fd"))
      try Bitmap(png: folder.path("host-copy")).expectTriangle(degrees: 19)
    }

    @Test func tinySizes() throws {
      let pixel = try DemoProgram.picture(["--frames", "2", "--size", "1x1"])
      #expect(pixel.size == PixelSize(width: 1, height: 1))
      // Where exactly in the pixel a colour is taken differs by driver.
      #expect(pixel[0, 0].isNear(.init(red: 85, green: 85, blue: 85), within: 15))
      let odd = try DemoProgram.picture(["--frames", "2", "--size", "17x13"])
      #expect(odd.size == PixelSize(width: 17, height: 13))
      odd.expectBackgroundInCorners()
    }

    @Test func aPlaceThatCannotBeWrittenIsNamed() throws {
      let folder = try TemporaryFolder()
      for (path, reason) in [
        (folder.path("missing/frame.png"), "No such file or directory"), (folder.path(""), "Is a directory"),
        ("/proc/frame.png", "/proc/frame.png"),
      ] {
        let result = try DemoProgram.run(["--headless", "--frames", "2", "--output", path])
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(path))
        #expect(result.errors.contains(reason))
      }
      #expect(folder.contents.isEmpty)
    }

    @Test func aFullDiskIsAnErrorAndDevicesStay() throws {
      let result = try DemoProgram.run(["--headless", "--frames", "1", "--size", "64x64", "--output", "/dev/full"])
      #expect(result.status == 1)
      #expect(result.errors.contains("/dev/full"))
      #expect(FileManager.default.fileExists(atPath: "/dev/full"))
    }
  }
}
