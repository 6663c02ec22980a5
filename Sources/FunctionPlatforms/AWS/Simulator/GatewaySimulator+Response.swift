public import FunctionCore

extension GatewaySimulator {
    /// The response that the client gets for the function's output; throws if the platform would respond with 502.
    ///
    /// The response to HEAD has a body as well: the client gets only its length. Statuses below 200 are refused,
    /// because they are not final.
    public func response(from bytes: [UInt8]) throws(PlatformEventError) -> Response {
        guard bytes.count <= kind.responseLimit else { throw .tooLong(limit: kind.responseLimit) }
        do throws(JSONDocumentError) {
            let json = try JSONReader.document(bytes)
            if kind == .gatewayV2, let response = Self.implied(by: json, bytes) { return response }
            var output = try JSONObject(json)
            let status = try output.require("statusCode", try status(&output))
            var headers = Headers()
            switch kind {
            case .gatewayV2:
                try headers.append(each: "headers", of: &output)
                try headers.append(cookiesOf: &output)
            case .gatewayV1: headers = try Self.merged(&output)
            case .loadBalancer: try headers.append(each: "headers", of: &output)
            case .multiValueLoadBalancer: try headers.append(all: "multiValueHeaders", of: &output)
            }
            let body = try PlatformEvent.body(of: &output)
            return Response(status, headers: headers.withoutPlatforms, body: status.hasBody ? body : .empty)
        } catch {
            throw .content(error)
        }
    }

    /// The head of a streamed response, with an empty body; throws if the platform would respond with 502.
    ///
    /// Function URLs and REST APIs stream if they are configured to; the event does not say so
    /// (docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html).
    public func streamedHead(from prelude: [UInt8]) throws(PlatformEventError) -> Response {
        do throws(JSONDocumentError) {
            var output = try JSONObject(reading: prelude)
            let status = try status(&output) ?? .ok
            var headers = Headers()
            if kind == .gatewayV1 {
                headers = try Self.merged(&output)
            } else {
                try headers.append(each: "headers", of: &output)
            }
            try headers.append(cookiesOf: &output)
            return Response(status, headers: headers.withoutPlatforms)
        } catch {
            throw .content(error)
        }
    }

    /// Format 2.0: output without `statusCode` is itself the body of a 200.
    private static func implied(by json: JSON, _ bytes: [UInt8]) -> Response? {
        switch json {
        case .object(let members) where members.value(of: "statusCode") != nil: return nil
        case .string(let text): return Response(.ok, headers: [.contentType: "application/json"], body: .text(text))
        default: return Response(.ok, headers: [.contentType: "application/json"], body: .bytes(bytes))
        }
    }

    /// Reads a number; API Gateway also accepts a string of its digits.
    private func status(_ output: inout JSONObject) throws(JSONDocumentError) -> Status? {
        let code: Int?
        switch output["statusCode"] {
        case nil, .null?: return nil
        case .number(let number)?: code = Int(exactly: number)
        case .string(let text)? where kind == .gatewayV2 || kind == .gatewayV1:
            code = text.utf8.count == 3 ? Int(text) : nil
        default: code = nil
        }
        guard let code, (200...599).contains(code) else {
            throw output.refuse("statusCode", "must be a status from 200 to 599")
        }
        return Status(code)
    }

    /// Merges `headers` and `multiValueHeaders`. A field in both is taken once, from the latter.
    private static func merged(_ output: inout JSONObject) throws(JSONDocumentError) -> Headers {
        var (headers, multiple) = (Headers(), Headers())
        try headers.append(each: "headers", of: &output)
        try multiple.append(all: "multiValueHeaders", of: &output)
        let known = Set(multiple.fields)
        return Headers(headers.fields.filter { !known.contains($0) } + multiple.fields)
    }
}

extension Headers {
    fileprivate var withoutPlatforms: Headers {
        Headers(fields.filter { !ResponseFields.isPlatforms($0.name) })
    }

    fileprivate mutating func append(each name: String, of output: inout JSONObject) throws(JSONDocumentError) {
        for member in try output.object(name) ?? [] {
            try append(member.name, Self.text(member.value), at: output.pointer.appending(name).appending(member.name))
        }
    }

    fileprivate mutating func append(cookiesOf output: inout JSONObject) throws(JSONDocumentError) {
        let pointer = output.pointer.appending("cookies")
        for (index, cookie) in (try output.array("cookies") ?? []).enumerated() {
            try append("set-cookie", cookie, at: pointer.appending(index))
        }
    }

    fileprivate mutating func append(all name: String, of output: inout JSONObject) throws(JSONDocumentError) {
        for member in try output.object(name) ?? [] {
            let pointer = output.pointer.appending(name).appending(member.name)
            guard case .array(let values) = member.value else {
                throw .shape(pointer, reason: "must be an array, not \(member.value.kind)")
            }
            for (index, value) in values.enumerated() {
                try append(member.name, Self.text(value), at: pointer.appending(index))
            }
        }
    }

    /// Numbers and booleans become text.
    private static func text(_ value: JSON) -> JSON {
        switch value {
        case .number, .bool: .string(value.description)
        default: value
        }
    }
}
