import FunctionEventLoop
import FunctionTLS

/// How a client works, whatever servers there are.
struct ClientSettings: Sendable {
    /// How long an operation may take, and connecting, and the login after it.
    var timeout: Interval
    /// How many replicas have to have what a connection executes before it is answered.
    var replicas: Int
    /// Whether the operator is told of settings of a server that may lose data.
    var looksAtSettings: Bool
    /// Whether servers are nodes of a cluster: one that has not all slots, or redirects, is no wrong one.
    var isOfCluster = false
    /// For a URL that asks for TLS.
    let tls: TLSContext
    let statistics: RedisStatistics?
    let log: OperatorLog

    /// For a connection whose answers wait for no replica.
    var plain: ClientSettings {
        var settings = self
        settings.replicas = 0
        return settings
    }

    /// For a connection beside a plain one, whose answers wait for replicas.
    var durable: ClientSettings {
        var settings = self
        settings.looksAtSettings = false
        return settings
    }
}
