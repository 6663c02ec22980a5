import FunctionCore

extension GatewaySimulator {
    /// The event of a load balancer (docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html).
    ///
    /// With multi-value headers off, the last of a field's or a parameter's repeats is all that there is.
    func writeLoadBalancer(_ request: Request, _ body: [UInt8], to json: inout JSONWriter) {
        json.name("requestContext")
        json.object {
            $0.name("elb")
            $0.object {
                $0.member(
                    "targetGroupArn",
                    "arn:aws:elasticloadbalancing:eu-central-1:\(accountID):targetgroup/local/0123456789abcdef"
                )
            }
        }
        json.member("httpMethod", request.method.name)
        json.member("path", request.path)
        let (headers, parameters) = (Groups(request.headers), Groups(encoded: request.query ?? ""))
        if kind == .multiValueLoadBalancer {
            parameters.writeMultiple("multiValueQueryStringParameters", to: &json)
            headers.writeMultiple("multiValueHeaders", to: &json)
        } else {
            parameters.writeLast("queryStringParameters", to: &json)
            headers.writeLast("headers", to: &json)
        }
        write(body, isText: Self.isText(request.headers), to: &json) { $0.member("body", "") }
    }
}
