/// Events as the platforms send them.
enum RecordedEvents {
    static let httpAPI = """
        {
          "version": "2.0", "routeKey": "POST /my/path", "rawPath": "/dev/my/path",
          "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
          "cookies": ["cookie1", "cookie2=2"],
          "headers": {"header1": "value1", "header2": "value1,value2"},
          "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value"},
          "requestContext": {
            "accountId": "123456789012", "apiId": "api-id",
            "authentication": {"clientCert": {"clientCertPem": "PEM", "validity": {"notBefore": "May 28", "notAfter": "Aug 5"}}},
            "authorizer": {"jwt": {"claims": {"claim1": "value1"}, "scopes": ["scope1", "scope2"]}},
            "domainName": "id.execute-api.eu-central-1.amazonaws.com", "domainPrefix": "id",
            "http": {
              "method": "POST", "path": "/dev/my/path", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
              "userAgent": "curl/8.5.0"
            },
            "requestId": "JKJaXmPLvHcESHA=", "routeKey": "POST /my/path", "stage": "dev",
            "time": "12/Mar/2020:19:03:58 +0000", "timeEpoch": 1583348638390
          },
          "body": "Hello from Lambda", "pathParameters": {"parameter1": "value1"}, "isBase64Encoded": false,
          "stageVariables": {"stageVariable1": "value1"}
        }
        """

    static let functionURL = """
        {
          "version": "2.0", "routeKey": "$default", "rawPath": "/a%2Fb%20c", "rawQueryString": "x=%20+&x=1&&y",
          "headers": {
            "content-length": "3", "x-amzn-tls-version": "TLSv1.3", "x-forwarded-proto": "https",
            "host": "abc.lambda-url.eu-central-1.on.aws", "content-type": "application/octet-stream",
            "x-forwarded-port": "443", "x-forwarded-for": "192.0.2.1", "accept": "*/*", "user-agent": "curl/8.5.0",
            "x-amzn-trace-id": "Root=1-64b1b6f5-0123456789abcdef01234567"
          },
          "queryStringParameters": {"x": " ,1", "y": ""},
          "requestContext": {
            "accountId": "anonymous", "apiId": "abc", "domainName": "abc.lambda-url.eu-central-1.on.aws",
            "domainPrefix": "abc",
            "http": {
              "method": "PUT", "path": "/a%2Fb%20c", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
              "userAgent": "curl/8.5.0"
            },
            "requestId": "e1506fd5-9e7b-434f-bd42-4f8fa224b599", "routeKey": "$default", "stage": "$default",
            "time": "14/Jul/2023:20:58:29 +0000", "timeEpoch": 1689368309000
          },
          "body": "aMOp", "isBase64Encoded": true
        }
        """

    static let restAPI = """
        {
          "resource": "/{proxy+}", "path": "/my/path", "httpMethod": "GET",
          "headers": {"Accept": "*/*", "Cookie": "a=1; b=2", "X-Repeated": "2"},
          "multiValueHeaders": {"Accept": ["*/*"], "Cookie": ["a=1; b=2"], "X-Repeated": ["1", "2"]},
          "queryStringParameters": {"a&b": "é ", "c": ""},
          "multiValueQueryStringParameters": {"a&b": ["1+1", "é "], "c": [""]},
          "pathParameters": {"proxy": "my/path"}, "stageVariables": {"stageVarName": "stageVarValue"},
          "requestContext": {
            "accountId": "123456789012", "apiId": "gy415nuibc", "domainName": "gy415nuibc.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "gy415nuibc", "extendedRequestId": "Hh7e8HJWIAMFf0A=", "httpMethod": "GET",
            "identity": {"accessKey": null, "accountId": null, "sourceIp": "192.0.2.1", "user": null, "userAgent": "curl/8.5.0"},
            "path": "/prod/my/path", "protocol": "HTTP/1.1", "requestId": "41b45ea3-70b5-11e6-b7bd-69b5aaebc7d9",
            "requestTime": "25/Nov/2026:09:41:07 +0000", "requestTimeEpoch": 1795599667000, "resourceId": "us4z18",
            "resourcePath": "/{proxy+}", "stage": "prod"
          },
          "body": null, "isBase64Encoded": false
        }
        """

    /// As sent by the console's test of a method.
    static let nulls = """
        {
          "resource": "/", "path": "/", "httpMethod": "GET", "headers": null, "multiValueHeaders": null,
          "queryStringParameters": null, "multiValueQueryStringParameters": null, "pathParameters": null,
          "stageVariables": null, "requestContext": null, "body": null, "isBase64Encoded": null
        }
        """

    static let loadBalancer = """
        {
          "requestContext": {
            "elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/lambda/d6190d154bc908a5"}
          },
          "httpMethod": "POST", "path": "/a%20b", "queryStringParameters": {"a": "%20+=", "b%3D": ""},
          "headers": {
            "accept": "*/*", "content-type": "application/octet-stream",
            "host": "lambda-alb-123578498.us-east-2.elb.amazonaws.com", "user-agent": "curl/8.5.0",
            "x-amzn-trace-id": "Root=1-5c536348-3d683b8b04734faae651f476", "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "80", "x-forwarded-proto": "http"
          },
          "body": "/wA=", "isBase64Encoded": true
        }
        """

    static let multiValueLoadBalancer = """
        {
          "requestContext": {
            "elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/lambda/d6190d154bc908a5"}
          },
          "httpMethod": "GET", "path": "/", "multiValueQueryStringParameters": {"myKey": ["val1", "val%202"]},
          "multiValueHeaders": {"cookie": ["a=1", "b=2"], "accept": ["*/*"]},
          "body": "", "isBase64Encoded": false
        }
        """
}
