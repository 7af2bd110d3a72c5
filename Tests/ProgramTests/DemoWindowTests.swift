import CInteropX11
import Foundation
import GLVulkanInterop
import InteropPrograms
import InteropTestSupport
import Testing

extension ProgramTests {
  @Suite struct DemoWindow {
    /// The demo in a window.
    private struct Session {
      let screen: VirtualDisplay
      let demo: Program
      let window: Window

      /// Waits until the screen shows the triangle at this size.
      func showsTriangle(_ size: PixelSize) throws -> Bool {
        try waitUntil(atMost: .seconds(20)) { try screen.screenshot(size).hasTriangleAtSomeAngle() }
      }
    }

    /// - Returns: nil, with a line that says so, where there can be no window.
    private func open(_ arguments: [String], size: PixelSize) throws -> Session? {
      let screen: VirtualDisplay
      do {
        screen = try VirtualDisplay()
      } catch is VirtualDisplay.Missing {
        print("INTEROP-SKIP: demo window: Xvfb is not installed")
        return nil
      }
      let demo = try DemoProgram.start(["--size", "\(size)"] + arguments, environment: ["DISPLAY": screen.name])
      var window: Window?
      _ = waitUntil(atMost: .seconds(20)) {
        window = screen.window
        return window != nil || demo.errors.contains("running headless") || demo.hasEnded()
      }
      // Mesa's drivers present to Xvfb. SwiftShader as Chromium builds it, and drivers of GPUs, may not.
      if demo.errors.contains("running headless"), !TestStack.abilities.mustPresentToX {
        print("INTEROP-SKIP: demo window: this Vulkan driver presents to no X window")
        return nil
      }
      return Session(screen: screen, demo: demo, window: try #require(window, "no window: \(demo.errors)"))
    }

    @Test(arguments: ["rgba8", "bgra8-srgb"])
    func theTriangleIsTheRightWayUpAtEverySize(format: String) throws {
      let size = PixelSize(width: 320, height: 240)
      guard let session = try open(["--pixel-format", format, "--stats", "json"], size: size) else { return }
      let (screen, window) = (session.screen, session.window)
      try #require(try session.showsTriangle(size))
      for size in [
        PixelSize(width: 240, height: 400), PixelSize(width: 411, height: 217), PixelSize(width: 640, height: 480),
      ] {
        screen.resize(window, to: size)
        try #require(try session.showsTriangle(size), "\(size)")
      }
      // A corner that is dragged; then minimised and back.
      for step in 0..<40 {
        screen.resize(window, to: PixelSize(width: 200 + step * 5, height: 300 - step * 4))
        usleep(10_000)
      }
      screen.hide(window)
      usleep(200_000)
      screen.show(window)
      try #require(try session.showsTriangle(PixelSize(width: 395, height: 144)))
      #expect(
        waitUntil(atMost: .seconds(10)) {
          screen.title(of: window).wholeMatch(of: /demo-raw-gl: [\d.]+ fps, [a-z-]+, (direct|blit), [a-z-]+/) != nil
        }, "\(screen.title(of: window))")
      screen.press(XK_Escape, in: window)
      let result = try session.demo.wait()
      #expect(result.status == 0, "\(result.errors)")
      let json = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      #expect(json["frames"] as? Int ?? 0 > 10)
      #expect(json["size"] as? String == "395x144")
    }

    enum End: CaseIterable { case closeButton, q, signal, frames }

    @Test(arguments: End.allCases)
    func everyWayToEndItEndsItWell(end: End) throws {
      let size = PixelSize(width: 200, height: 150)
      let folder = try TemporaryFolder()
      let limit = end == .frames ? ["--frames", "200"] : []
      guard
        let session = try open(
          ["--path", "host-copy", "--frames-in-flight", "2", "--output", folder.path("last.png")] + limit, size: size)
      else { return }
      if end != .frames { try #require(try session.showsTriangle(size)) }
      switch end {
      case .closeButton: session.screen.close(session.window)
      case .q: session.screen.press(XK_q, in: session.window)
      case .signal: session.demo.send(SIGTERM)
      case .frames: break
      }
      let result = try session.demo.wait()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("path       host-copy"))
      if end == .frames { #expect(result.output.contains("200 of 200x150")) }
      let picture = try Bitmap(png: folder.path("last.png"))
      #expect(picture.size == size)
      #expect(picture.hasTriangleAtSomeAngle())
    }
  }
}
