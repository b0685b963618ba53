using System.Globalization;

namespace Tabular.ModelCache.Testing;

/// <summary>What a <see cref="ModelRegistryServer"/> does wrong with one request.</summary>
/// <remarks>Use a factory for a common fault; combine properties with <c>with</c> for others.</remarks>
public sealed record ModelRegistryFault
{
    /// <summary>Gets the HTTP status to answer with instead of the right answer.</summary>
    public int? Status { get; init; }

    /// <summary>Gets the body that goes with <see cref="Status"/>.</summary>
    /// <value>The default is empty.</value>
    public string Body { get; init; } = "";

    /// <summary>Gets the type of <see cref="Body"/>.</summary>
    public string ContentType { get; init; } = "text/plain; charset=utf-8";

    /// <summary>Gets headers that the answer has besides, or instead of, its own; also if the answer is right otherwise.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets whether the connection is reset.</summary>
    public bool Reset { get; init; }

    /// <summary>Gets whether the answer never comes, or never ends; the connection stays open until the client closes it.</summary>
    public bool Stall { get; init; }

    /// <summary>Gets after how many bytes of the body the answer ends; also where a <see cref="Reset"/> or <see cref="Stall"/> happens.</summary>
    public long? BodyLimit { get; init; }

    /// <summary>Gets whether <c>Content-Length</c> is that of the body cut to <see cref="BodyLimit"/>, so that HTTP shows nothing wrong.</summary>
    public bool DeclareLimit { get; init; }

    /// <summary>Gets whether a <c>Range</c> of the request is ignored.</summary>
    public bool IgnoreRange { get; init; }

    /// <summary>Gets the position in the file, in bytes, of one byte that is wrong.</summary>
    public long? CorruptAt { get; init; }

    /// <summary>Gets how long the request is held before anything else happens to it, by the clock of the server.</summary>
    public TimeSpan Latency { get; init; }

    internal bool FailsBefore => BodyLimit is null && Status is null && (Reset || Stall);

    /// <summary>Answers with a status.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="retryAfter">The <c>Retry-After</c> to send, in whole seconds.</param>
    /// <returns>The fault.</returns>
    public static ModelRegistryFault Error(int status, TimeSpan? retryAfter = null) => new()
    {
        Status = status,
        Body = "Injected fault",
        Headers = retryAfter is { } wait ? Header("Retry-After", Seconds(wait)) : Header(),
    };

    /// <summary>Answers 429 as the Hub does: with the headers <c>RateLimit</c> and <c>RateLimit-Policy</c>, and no <c>Retry-After</c>.</summary>
    /// <param name="reset">After how long requests are let through again, in whole seconds.</param>
    /// <returns>The fault.</returns>
    public static ModelRegistryFault RateLimited(TimeSpan reset) => new()
    {
        Status = 429,
        Body = """{"error":"We had to rate limit you."}""",
        ContentType = "application/json; charset=utf-8",
        Headers = new Dictionary<string, string>
        {
            ["RateLimit"] = $"\"api\";r=0;t={Seconds(reset)}",
            ["RateLimit-Policy"] = "\"fixed window\";\"api\";q=500;w=300",
        },
    };

    /// <summary>Answers 200 with a page, as proxies and captive portals do.</summary>
    /// <returns>The fault.</returns>
    public static ModelRegistryFault HtmlPage() => new()
    {
        Status = 200,
        Body = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to go on.</body></html>",
        ContentType = "text/html; charset=utf-8",
    };

    /// <summary>Redirects.</summary>
    /// <param name="location">Where to; absolute or relative.</param>
    /// <param name="status">The HTTP status.</param>
    /// <returns>The fault.</returns>
    public static ModelRegistryFault Redirect(string location, int status = 302) =>
        new() { Status = status, Headers = Header("Location", location) };

    /// <summary>Resets the connection instead of answering.</summary>
    /// <returns>The fault.</returns>
    public static ModelRegistryFault ResetBefore() => new() { Reset = true };

    /// <summary>Resets the connection in the middle of the body.</summary>
    /// <param name="bytes">How many bytes of the body are written before; some of them may be lost with the connection.</param>
    /// <returns>The fault.</returns>
    public static ModelRegistryFault ResetAfter(long bytes) => new() { Reset = true, BodyLimit = bytes };

    /// <summary>Sends nothing more in the middle of the body, and keeps the connection open.</summary>
    /// <param name="bytes">How many bytes of the body are sent before.</param>
    /// <returns>The fault.</returns>
    public static ModelRegistryFault StallAfter(long bytes) => new() { Stall = true, BodyLimit = bytes };

    /// <summary>Ends the body early.</summary>
    /// <param name="bytes">How many bytes of the body are sent.</param>
    /// <param name="declared">Whether <c>Content-Length</c> says so; otherwise it promises the whole, and the connection is closed.</param>
    /// <returns>The fault.</returns>
    public static ModelRegistryFault ShortBody(long bytes, bool declared) => new() { BodyLimit = bytes, DeclareLimit = declared };

    /// <summary>Sends one wrong byte.</summary>
    /// <param name="position">Its position in the file, in bytes.</param>
    /// <returns>The fault.</returns>
    public static ModelRegistryFault Corrupt(long position) => new() { CorruptAt = position };

    /// <summary>Answers a request for a range with 200 and the whole.</summary>
    /// <returns>The fault.</returns>
    public static ModelRegistryFault WithoutRanges() => new() { IgnoreRange = true };

    /// <summary>Holds the request, then serves it.</summary>
    /// <param name="latency">How long, by the clock of the server.</param>
    /// <returns>The fault.</returns>
    public static ModelRegistryFault Delay(TimeSpan latency) => new() { Latency = latency };

    private static string Seconds(TimeSpan time) => ((long)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    private static Dictionary<string, string> Header() => [];

    private static Dictionary<string, string> Header(string name, string value) => new() { [name] = value };
}
