public import FunctionCore

extension GatewaySimulator {
    /// What the client sees of the function's answer; throws if the platform would say 502.
    ///
    /// To HEAD it has a body all the same, which is not sent, and whose length the client is told. Statuses under 200
    /// are refused: they are no answers.
    public func response(from bytes: [UInt8]) throws(PlatformEventError) -> Response {
        guard bytes.count <= kind.answerLimit else { throw .tooLong(limit: kind.answerLimit) }
        do throws(JSONDocumentError) {
            let json = try JSONReader.document(bytes)
            if kind == .gatewayV2, let response = Self.implied(by: json, bytes) { return response }
            var answer = try JSONObject(json)
            let status = try answer.require("statusCode", try status(&answer))
            var headers = Headers()
            switch kind {
            case .gatewayV2:
                try headers.append(each: "headers", of: &answer)
                try headers.append(cookiesOf: &answer)
            case .gatewayV1: headers = try Self.merged(&answer)
            case .loadBalancer: try headers.append(each: "headers", of: &answer)
            case .multiValueLoadBalancer: try headers.append(all: "multiValueHeaders", of: &answer)
            }
            let body = try PlatformEvent.body(of: &answer)
            return Response(status, headers: headers.withoutPlatforms, body: status.hasBody ? body : .empty)
        } catch {
            throw .content(error)
        }
    }

    /// What the client sees first of a streamed answer, whose body is empty yet; throws if the platform would say 502.
    ///
    /// Function URLs and REST APIs stream, each if it is set so; the event does not tell
    /// (docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html).
    public func streamedHead(from prelude: [UInt8]) throws(PlatformEventError) -> Response {
        do throws(JSONDocumentError) {
            var answer = try JSONObject(reading: prelude)
            let status = try status(&answer) ?? .ok
            var headers = Headers()
            if kind == .gatewayV1 {
                headers = try Self.merged(&answer)
            } else {
                try headers.append(each: "headers", of: &answer)
            }
            try headers.append(cookiesOf: &answer)
            return Response(status, headers: headers.withoutPlatforms)
        } catch {
            throw .content(error)
        }
    }

    /// Format 2.0: an answer without statusCode is a 200's body in itself.
    private static func implied(by json: JSON, _ bytes: [UInt8]) -> Response? {
        switch json {
        case .object(let members) where members.value(of: "statusCode") != nil: return nil
        case .string(let text): return Response(.ok, headers: [.contentType: "application/json"], body: .text(text))
        default: return Response(.ok, headers: [.contentType: "application/json"], body: .bytes(bytes))
        }
    }

    /// A number; API Gateway takes its digits too.
    private func status(_ answer: inout JSONObject) throws(JSONDocumentError) -> Status? {
        let code: Int?
        switch answer["statusCode"] {
        case nil, .null?: return nil
        case .number(let number)?: code = Int(exactly: number)
        case .string(let text)? where kind == .gatewayV2 || kind == .gatewayV1:
            code = text.utf8.count == 3 ? Int(text) : nil
        default: code = nil
        }
        guard let code, (200...599).contains(code) else {
            throw answer.refuse("statusCode", "must be a status from 200 to 599")
        }
        return Status(code)
    }

    /// What stands in both is taken once, from the multiple ones.
    private static func merged(_ answer: inout JSONObject) throws(JSONDocumentError) -> Headers {
        var (headers, multiple) = (Headers(), Headers())
        try headers.append(each: "headers", of: &answer)
        try multiple.append(all: "multiValueHeaders", of: &answer)
        let known = Set(multiple.fields)
        return Headers(headers.fields.filter { !known.contains($0) } + multiple.fields)
    }
}

extension Headers {
    fileprivate var withoutPlatforms: Headers {
        Headers(fields.filter { !AnswerFields.isPlatforms($0.name) })
    }

    fileprivate mutating func append(each name: String, of answer: inout JSONObject) throws(JSONDocumentError) {
        for member in try answer.object(name) ?? [] {
            try append(member.name, Self.text(member.value), at: answer.pointer.appending(name).appending(member.name))
        }
    }

    fileprivate mutating func append(cookiesOf answer: inout JSONObject) throws(JSONDocumentError) {
        let pointer = answer.pointer.appending("cookies")
        for (index, cookie) in (try answer.array("cookies") ?? []).enumerated() {
            try append("set-cookie", cookie, at: pointer.appending(index))
        }
    }

    fileprivate mutating func append(all name: String, of answer: inout JSONObject) throws(JSONDocumentError) {
        for member in try answer.object(name) ?? [] {
            let pointer = answer.pointer.appending(name).appending(member.name)
            guard case .array(let values) = member.value else {
                throw .shape(pointer, reason: "must be an array, not \(member.value.kind)")
            }
            for (index, value) in values.enumerated() {
                try append(member.name, Self.text(value), at: pointer.appending(index))
            }
        }
    }

    /// Numbers and truth values are taken by their text.
    private static func text(_ value: JSON) -> JSON {
        switch value {
        case .number, .bool: .string(value.description)
        default: value
        }
    }
}
