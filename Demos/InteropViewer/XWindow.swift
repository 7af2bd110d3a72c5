package import CInteropXCB
package import GLVulkanInterop
import Glibc

/// A window on the X server, and its user's input.
///
/// It uses XCB and not Xlib: `demo-raw-gl tap` opens a window inside another program, and Xlib's error handlers and
/// locks are shared by all connections of a process. Used on one thread.
package final class XWindow {
  package let connection: OpaquePointer
  package let window: xcb_window_t
  /// The window's size, updated when its events are handled.
  package private(set) var size: PixelSize
  /// Whether the user closed the window or pressed Escape or q, or the X server is gone.
  package private(set) var isClosed = false
  /// Whether the window is off the screen; X keeps its size.
  package private(set) var isMinimised = false
  private var isDestroyed = false
  private let deleteWindow: xcb_atom_t
  private var endingKeys: Set<xcb_keycode_t> = []

  package enum Placement {
    /// At the position that the window manager chooses.
    case usual
    /// At the right edge of the screen, without the keyboard's focus: beside a window in which the user works.
    case beside
  }

  /// Opens the display in the environment variable DISPLAY and creates a window, which is not shown yet.
  ///
  /// - Parameter size: of its content, in pixels.
  /// - Throws: ``InteropError/Code/unsupported`` where there is no display.
  package init(size: PixelSize, title: String, placement: Placement = .usual) throws(InteropError) {
    var screenNumber: Int32 = 0
    // The result is never nil: the connection holds the error.
    guard let connection = xcb_connect(nil, &screenNumber), xcb_connection_has_error(connection) == 0,
      let screen = Self.screen(screenNumber, of: connection)
    else {
      let name = getenv("DISPLAY").map { "DISPLAY is \(String(cString: $0))" } ?? "DISPLAY is not set"
      throw InteropError(.unsupported, step: "xcb_connect", reason: "no X server answers (\(name))")
    }
    guard size.width <= UInt16.max, size.height <= UInt16.max else {
      xcb_disconnect(connection)
      throw InteropError(.invalidArgument, step: "xcb_create_window", reason: "X has no windows of \(size)")
    }
    self.connection = connection
    self.size = size
    window = xcb_generate_id(connection)
    let events = XCB_EVENT_MASK_STRUCTURE_NOTIFY.rawValue | XCB_EVENT_MASK_KEY_PRESS.rawValue
    let x = placement == .beside ? max(Int(screen.width_in_pixels) - size.width, 0) : 0
    // Values are in the order of the mask's bits: the background is black.
    xcb_create_window(
      connection, 0, window, screen.root, Int16(x), 0, UInt16(size.width), UInt16(size.height), 0,
      UInt16(XCB_WINDOW_CLASS_INPUT_OUTPUT.rawValue), screen.root_visual,
      XCB_CW_BACK_PIXEL.rawValue | XCB_CW_EVENT_MASK.rawValue, [screen.black_pixel, events])
    deleteWindow = Self.atom("WM_DELETE_WINDOW", connection)
    setProperty(Self.atom("WM_PROTOCOLS", connection), XCB_ATOM_ATOM.rawValue, [deleteWindow])
    if placement == .beside {
      // EWMH: the time 0 means that no action of the user opened the window, so it does not get the focus.
      setProperty(Self.atom("_NET_WM_USER_TIME", connection), XCB_ATOM_CARDINAL.rawValue, [0])
    }
    findEndingKeys()
    setTitle(title)
  }

  deinit {
    if !isDestroyed { xcb_destroy_window(connection, window) }
    xcb_flush(connection)
    xcb_disconnect(connection)
  }

  private static func screen(_ number: Int32, of connection: OpaquePointer) -> xcb_screen_t? {
    var screens = xcb_setup_roots_iterator(xcb_get_setup(connection))
    for _ in 0..<max(number, 0) where screens.rem > 1 { xcb_screen_next(&screens) }
    return screens.rem > 0 ? screens.data.pointee : nil
  }

  private static func atom(_ name: String, _ connection: OpaquePointer) -> xcb_atom_t {
    let request = xcb_intern_atom(connection, 0, UInt16(name.utf8.count), name)
    guard let reply = xcb_intern_atom_reply(connection, request, nil) else { return XCB_ATOM_NONE.rawValue }
    defer { free(reply) }
    return reply.pointee.atom
  }

  private func setProperty(_ name: xcb_atom_t, _ type: xcb_atom_t, _ values: [UInt32]) {
    xcb_change_property(
      connection, UInt8(XCB_PROP_MODE_REPLACE.rawValue), window, name, type, 32, UInt32(values.count), values)
  }

  package func show() {
    xcb_map_window(connection, window)
    xcb_flush(connection)
  }

  package func setTitle(_ title: String) {
    let bytes = Array(title.utf8)
    xcb_change_property(
      connection, UInt8(XCB_PROP_MODE_REPLACE.rawValue), window, XCB_ATOM_WM_NAME.rawValue, XCB_ATOM_STRING.rawValue, 8,
      UInt32(bytes.count), bytes)
    xcb_flush(connection)
  }

  /// Asks for another size; ``size`` changes when the window has it.
  package func resize(to size: PixelSize) {
    xcb_configure_window(
      connection, window, UInt16(XCB_CONFIG_WINDOW_WIDTH.rawValue | XCB_CONFIG_WINDOW_HEIGHT.rawValue),
      [UInt32(clamping: size.width), UInt32(clamping: size.height)])
    xcb_flush(connection)
  }

  /// Handles the events that have arrived, without waiting.
  package func handleEvents() {
    while let event = xcb_poll_for_event(connection) {
      handle(event)
      free(event)
    }
    if xcb_connection_has_error(connection) != 0 {
      isDestroyed = true
      isClosed = true
    }
  }

  /// Waits until an event or a signal arrives, or the time is over.
  package func waitForEvents(atMost timeout: Duration) {
    var descriptor = pollfd(fd: xcb_get_file_descriptor(connection), events: Int16(POLLIN), revents: 0)
    poll(&descriptor, 1, Int32(timeout.nanoseconds / 1_000_000))
  }

  private func handle(_ event: UnsafeMutablePointer<xcb_generic_event_t>) {
    // The highest bit marks an event that another client sent.
    let kind = Int32(event.pointee.response_type & 0x7F)
    let raw = UnsafeRawPointer(event)
    switch kind {
    case XCB_CONFIGURE_NOTIFY:
      let change = raw.load(as: xcb_configure_notify_event_t.self)
      size = PixelSize(width: Int(change.width), height: Int(change.height))
    case XCB_UNMAP_NOTIFY: isMinimised = true
    case XCB_MAP_NOTIFY: isMinimised = false
    case XCB_CLIENT_MESSAGE:
      let message = raw.load(as: xcb_client_message_event_t.self)
      if message.format == 32, message.data.data32.0 == deleteWindow { isClosed = true }
    case XCB_KEY_PRESS:
      if endingKeys.contains(raw.load(as: xcb_key_press_event_t.self).detail) { isClosed = true }
    case XCB_MAPPING_NOTIFY: findEndingKeys()
    case XCB_DESTROY_NOTIFY:
      isDestroyed = true
      isClosed = true
    default: break
    }
  }

  /// Finds the keys that produce Escape or q without modifiers.
  private func findEndingKeys() {
    let setup = xcb_get_setup(connection).pointee
    let (first, last) = (setup.min_keycode, setup.max_keycode)
    let request = xcb_get_keyboard_mapping(connection, first, last - first + 1)
    guard let reply = xcb_get_keyboard_mapping_reply(connection, request, nil) else { return }
    defer { free(reply) }
    let perKey = Int(reply.pointee.keysyms_per_keycode)
    guard perKey > 0, let symbols = xcb_get_keyboard_mapping_keysyms(reply) else { return }
    // <X11/keysymdef.h>: XK_Escape, XK_q.
    endingKeys = Set((first...last).filter { [0xFF1B, 0x71].contains(symbols[Int($0 - first) * perKey]) })
  }
}
