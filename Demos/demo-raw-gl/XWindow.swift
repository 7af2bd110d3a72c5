import CX11
import Drivers
import Glibc
import RawImport

/// A window on the X server, and what its user does with it.
final class XWindow {
  let display: OpaquePointer
  let window: Window
  /// Follows the window as its events are handled.
  private(set) var size: PixelSize
  /// The user closed it, or pressed Escape or q.
  private(set) var isClosed = false
  /// Taken off the screen for now; X keeps its size.
  private(set) var isMinimised = false
  private var isDestroyed = false
  private let deleteWindow: Atom

  /// Opens the display that DISPLAY names and makes a window, which is not shown yet.
  ///
  /// - Throws: ``InteropError/Code/unsupported`` where there is no display.
  init(size: PixelSize, title: String) throws(InteropError) {
    // Mesa's presentation uses the connection from a thread of its own.
    XInitThreads()
    guard let display = XOpenDisplay(nil) else {
      let name = getenv("DISPLAY").map { "DISPLAY is \(String(cString: $0))" } ?? "DISPLAY is not set"
      throw InteropError(.unsupported, step: "XOpenDisplay", reason: "no X server answers (\(name))")
    }
    guard size.width <= UInt16.max, size.height <= UInt16.max else {
      XCloseDisplay(display)
      throw InteropError(.invalidArgument, step: "XCreateSimpleWindow", reason: "X has no windows of \(size)")
    }
    self.display = display
    self.size = size
    let root = XDefaultRootWindow(display)
    window = XCreateSimpleWindow(display, root, 0, 0, UInt32(size.width), UInt32(size.height), 0, 0, 0)
    XSelectInput(display, window, StructureNotifyMask | KeyPressMask)
    deleteWindow = XInternAtom(display, "WM_DELETE_WINDOW", 0)
    var protocols = [deleteWindow]
    XSetWMProtocols(display, window, &protocols, 1)
    setTitle(title)
  }

  deinit {
    if !isDestroyed { XDestroyWindow(display, window) }
    XCloseDisplay(display)
  }

  func show() {
    XMapWindow(display, window)
    XFlush(display)
  }

  func setTitle(_ title: String) {
    XStoreName(display, window, title)
    XFlush(display)
  }

  /// Handles what has arrived, without waiting.
  func handleEvents() {
    while XPending(display) > 0 {
      var event = XEvent()
      XNextEvent(display, &event)
      handle(&event)
    }
  }

  /// Returns when something arrives, or a signal, or the time is over.
  func waitForEvents(atMost timeout: Duration) {
    guard XPending(display) == 0 else { return }
    var connection = pollfd(fd: XConnectionNumber(display), events: Int16(POLLIN), revents: 0)
    poll(&connection, 1, Int32(timeout.nanoseconds / 1_000_000))
  }

  private func handle(_ event: inout XEvent) {
    switch event.type {
    case ConfigureNotify:
      size = PixelSize(width: Int(event.xconfigure.width), height: Int(event.xconfigure.height))
    case UnmapNotify: isMinimised = true
    case MapNotify: isMinimised = false
    case ClientMessage:
      if event.xclient.format == 32, Atom(bitPattern: event.xclient.data.l.0) == deleteWindow { isClosed = true }
    case KeyPress:
      let key = XLookupKeysym(&event.xkey, 0)
      if key == KeySym(XK_Escape) || key == KeySym(XK_q) { isClosed = true }
    case DestroyNotify:
      isDestroyed = true
      isClosed = true
    default: break
    }
  }
}
