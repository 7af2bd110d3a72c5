import CInteropX11
import InteropDrivers
import Foundation
import RawImport

/// An X server without a screen, and what its user would see and do.
final class VirtualDisplay {
  struct Missing: Error {}
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// For DISPLAY.
  let name: String
  let size = PixelSize(width: 800, height: 600)
  private let server: Program
  private let display: OpaquePointer

  /// - Throws: ``Missing`` where Xvfb is not installed.
  init() throws {
    do {
      // It writes the number of a free display to descriptor 1 when it answers.
      server = try Program(
        "Xvfb", ["-displayfd", "1", "-screen", "0", "\(size)x24", "-nolisten", "tcp", "-noreset"])
    } catch let error as Program.NotStarted where error.code == ENOENT {
      throw Missing()
    }
    let (server, output) = (server, { [server] in server.output })
    guard waitUntil(atMost: .seconds(20), { output().hasSuffix("\n") || server.hasEnded() }), !server.hasEnded() else {
      throw Failure(description: "Xvfb does not start: \(server.errors)")
    }
    name = ":" + output().trimmingCharacters(in: .whitespacesAndNewlines)
    guard let display = XOpenDisplay(name) else { throw Failure(description: "Xvfb \(name) does not answer") }
    self.display = display
    // A window may go away while we look at it. Xlib's own handler would end the process.
    XSetErrorHandler { _, _ in 0 }
  }

  deinit {
    // First: Xlib ends the process when the server goes away under it.
    XCloseDisplay(display)
    server.send(SIGTERM)
    _ = try? server.wait(atMost: .seconds(10))
  }

  /// What the screen shows, from its upper left corner, where windows open without a window manager.
  func screenshot(_ size: PixelSize) throws -> Bitmap {
    let allPlanes = ~UInt(0)
    guard
      let image = XGetImage(
        display, XDefaultRootWindow(display), 0, 0, UInt32(size.width), UInt32(size.height), allPlanes, ZPixmap)
    else { throw Failure(description: "XGetImage gives nothing") }
    defer { _ = image.pointee.f.destroy_image(image) }
    guard image.pointee.bits_per_pixel == 32, image.pointee.red_mask == 0xFF0000, let data = image.pointee.data else {
      throw Failure(description: "the screen is not BGRX")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size.width * size.height * 4)
    for y in 0..<size.height {
      let row = UnsafeRawPointer(data + y * Int(image.pointee.bytes_per_line))
      for x in 0..<size.width {
        let pixel = row.loadUnaligned(fromByteOffset: x * 4, as: UInt32.self)
        bytes += [UInt8(pixel >> 16 & 0xFF), UInt8(pixel >> 8 & 0xFF), UInt8(pixel & 0xFF), 255]
      }
    }
    return Bitmap(size: size, bytes: bytes)
  }

  /// The only window that is shown, nil while there is none.
  var window: Window? {
    var (root, parent): (Window, Window) = (0, 0)
    var children: UnsafeMutablePointer<Window>?
    var count: UInt32 = 0
    guard XQueryTree(display, XDefaultRootWindow(display), &root, &parent, &children, &count) != 0 else { return nil }
    defer { if let children { XFree(children) } }
    guard count == 1, let window = children?[0] else { return nil }
    var attributes = XWindowAttributes()
    return XGetWindowAttributes(display, window, &attributes) != 0 && attributes.map_state == IsViewable ? window : nil
  }

  func title(of window: Window) -> String {
    var name: UnsafeMutablePointer<CChar>?
    guard XFetchName(display, window, &name) != 0, let name else { return "" }
    defer { XFree(name) }
    return String(cString: name)
  }

  func resize(_ window: Window, to size: PixelSize) {
    XResizeWindow(display, window, UInt32(size.width), UInt32(size.height))
    XFlush(display)
  }

  func hide(_ window: Window) {
    XUnmapWindow(display, window)
    XFlush(display)
  }

  func show(_ window: Window) {
    XMapWindow(display, window)
    XFlush(display)
  }

  func press(_ key: Int32, in window: Window) {
    var event = XEvent()
    event.xkey.type = KeyPress
    event.xkey.window = window
    event.xkey.root = XDefaultRootWindow(display)
    event.xkey.keycode = UInt32(XKeysymToKeycode(display, KeySym(key)))
    XSendEvent(display, window, 1, KeyPressMask, &event)
    XFlush(display)
  }

  /// As a window manager does it for the close button.
  func close(_ window: Window) {
    var event = XEvent()
    event.xclient.type = ClientMessage
    event.xclient.window = window
    event.xclient.message_type = XInternAtom(display, "WM_PROTOCOLS", 0)
    event.xclient.format = 32
    event.xclient.data.l.0 = Int(bitPattern: XInternAtom(display, "WM_DELETE_WINDOW", 0))
    XSendEvent(display, window, 0, NoEventMask, &event)
    XFlush(display)
  }
}
