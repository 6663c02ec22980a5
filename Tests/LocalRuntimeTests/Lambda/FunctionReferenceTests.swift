import FunctionCore
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeLambda
@testable import LocalRuntimeReplay

@Suite("Names of a function in Lambda's API")
struct FunctionReferenceTests {
    private static let arn = "arn:aws:lambda:eu-central-1:111122223333:function:mint"

    @Test(
        "the function is named by its name, part or all of its ARN, and its only version",
        arguments: [
            ("mint", nil), ("mint:$LATEST", nil), ("mint%3A%24LATEST", nil), ("mint", "Qualifier=%24LATEST"),
            ("mint:$LATEST", "Qualifier=$LATEST"), ("111122223333:function:mint", nil),
            ("111122223333:mint", nil), (arn, nil), (arn + ":$LATEST", nil), (arn, "Qualifier=$LATEST"),
            ("arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Amint", nil),
            ("arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:mint", nil), ("m%69nt", nil), ("mint", "a=b"),
        ] as [(String, String?)]
    )
    func named(text: String, query: String?) throws {
        var settings = LambdaSettings()
        settings.name = "mint"
        #expect(try FunctionReference(text, query: query).names(settings))
    }

    @Test(
        "another function or another version is not found",
        arguments: [
            ("mint2", nil), ("Mint", nil), ("mint:1", nil), ("mint:PROD", nil), (arn + ":1", nil), (arn + "s", nil),
            ("mint", "Qualifier=PROD"), ("mint:$LATEST.PUBLISHED", nil), ("mint:$latest", nil), ("function:mint", nil),
        ] as [(String, String?)]
    )
    func unknown(text: String, query: String?) throws {
        var settings = LambdaSettings()
        settings.name = "mint"
        #expect(try !FunctionReference(text, query: query).names(settings))
    }

    @Test(
        "a malformed name is refused",
        arguments: [
            "", "a b", "mint:", ":mint", "mint::$LATEST", "mint:a:b", "mint%2F", "mint%00", "m%C3%AFnt", "%FF",
            "arn:aws:s3:::mint", "arn:aws:lambda:us-east-1:123:function:mint", String(repeating: "m", count: 257),
            String(repeating: ":", count: 5000),
        ]
    )
    func malformed(text: String) {
        #expect { try FunctionReference(text, query: nil) } throws: { error in
            if case .invalid? = error as? InvokeError { true } else { false }
        }
    }

    @Test("different versions in the name and the query are refused")
    func twoVersions() {
        #expect(throws: InvokeError.qualifiersDiffer) { try FunctionReference("mint:1", query: "Qualifier=2") }
        #expect(throws: InvokeError.self) { try FunctionReference("mint", query: "Qualifier=") }
        #expect(throws: InvokeError.self) { try FunctionReference("mint", query: "Qualifier=a%20b") }
    }

    @Test("a function with the name function is found")
    func function() throws {
        let settings = LambdaSettings()
        for text in ["function", "function:$LATEST", "123456789012:function", settings.arn] {
            #expect(try FunctionReference(text, query: nil).names(settings))
        }
        #expect(try !FunctionReference("function:1", query: nil).names(settings))
    }
}
