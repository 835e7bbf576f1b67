import Glibc
import NIOCore

/// Why a server cannot listen.
package enum ServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not a TCP port.
    case invalidPort(Int)
    /// Another program listens there.
    case addressInUse(host: String, port: Int)
    /// The machine has no such address.
    case addressUnavailable(host: String, port: Int)
    /// The port may not be used by this user.
    case notAllowed(host: String, port: Int)
    /// Any other error of the system.
    case cannotListen(host: String, port: Int, reason: String)

    /// The case for an error of the socket layer.
    init(listening host: String, port: Int, failure: any Error) {
        if let error = failure as? ServerError {
            self = error
        } else if let error = failure as? IOError {
            switch error.errnoCode {
            case EADDRINUSE: self = .addressInUse(host: host, port: port)
            case EADDRNOTAVAIL, EAFNOSUPPORT:
                self = .addressUnavailable(host: host, port: port)
            case EACCES: self = .notAllowed(host: host, port: port)
            default: self = .cannotListen(host: host, port: port, reason: String(describing: error))
            }
        } else {
            self = .cannotListen(host: host, port: port, reason: String(describing: failure))
        }
    }

    /// What happened and what to do.
    package var description: String {
        switch self {
        case .invalidPort(let port): "\(port) is no TCP port: choose 0 to 65535"
        case .addressInUse(let host, let port):
            "port \(port) on \(host) is in use: stop the program that listens there, or choose another (-p)"
        case .addressUnavailable(let host, let port):
            "cannot listen on \(host):\(port): this machine has no such address; choose another one (-a)"
        case .notAllowed(let host, let port):
            "cannot listen on \(host):\(port): ports below 1024 need privileges; choose another one (-p)"
        case .cannotListen(let host, let port, let reason): "cannot listen on \(host):\(port): \(reason)"
        }
    }
}
