// The module a library user imports: all layers under one name.
@_exported public import Capability
@_exported public import InteropDrivers
@_exported public import LinuxBuffers
@_exported public import Producers
@_exported public import RawImport
@_exported public import YUVImages
