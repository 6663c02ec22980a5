// Uses every library product of stream-token beside modules of the names that come to mind first. The test is that this
// compiles, links and runs.
import CHiredis
import CLinux
import COpenSSL
import EventLoop
import Function
import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionMetrics
import FunctionRedis
import FunctionRuntime
import FunctionTLS
import FunctionTesting
import HTTP
import Metrics
import Platforms
import Redis
import StreamTokens
import StreamTokensRedis
import TLS
import Tokens
import Workflows
import admit
import hello
import stream
import token

@main
enum Crowd {
    /// A type of each module.
    static let types: [Any.Type] = [
        FunctionCore.Request.self, FunctionEventLoop.EventLoop.self, FunctionHTTP.Client.self,
        FunctionMetrics.Metric.self, FunctionRedis.RedisClient.self, FunctionRuntime.FunctionInstance.self,
        FunctionTLS.TLSContext.self, FunctionTesting.TestStore.self, StreamTokens.StreamToken.self,
        StreamTokensRedis.RedisTokenStore.self,

        AdmitNeighbour.self, EventLoopNeighbour.self, FunctionNeighbour.self, HTTPNeighbour.self, HelloNeighbour.self,
        MetricsNeighbour.self, PlatformsNeighbour.self, RedisNeighbour.self, StreamNeighbour.self, TLSNeighbour.self,
        TokenNeighbour.self, TokensNeighbour.self, WorkflowsNeighbour.self,
    ]

    static func main() {
        precondition(Set(types.map(ObjectIdentifier.init)).count == types.count, "two names mean one type")
        print("\(types.count) modules side by side")
    }
}
