// The module a library user imports: all layers under one name.
@_exported public import Capability
@_exported public import Drivers
@_exported public import Producers
@_exported public import RawImport
