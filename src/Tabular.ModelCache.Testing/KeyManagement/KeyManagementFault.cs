using System.Text.Json.Nodes;

namespace Tabular.ModelCache.Testing;

/// <summary>What a <see cref="KeyManagementServer"/> does wrong with one request.</summary>
public sealed record KeyManagementFault
{
    /// <summary>Gets the HTTP status to answer with instead of the right answer.</summary>
    public int? Status { get; init; }

    /// <summary>Gets the body that goes with <see cref="Status"/>.</summary>
    /// <value>The default is empty.</value>
    public string Body { get; init; } = "";

    /// <summary>Gets what changes the right answer before it is sent: its members are those of the API. Not called where the answer is an error.</summary>
    public Action<JsonObject>? Change { get; init; }

    /// <summary>Gets whether the answer never comes; the connection stays open until the client closes it.</summary>
    public bool Stall { get; init; }

    /// <summary>Answers with an error in Google's form.</summary>
    /// <param name="status">The HTTP status, such as 403.</param>
    /// <param name="code">The canonical code, such as <c>PERMISSION_DENIED</c>.</param>
    /// <param name="message">The sentence for people.</param>
    /// <returns>The fault.</returns>
    public static KeyManagementFault Error(int status, string code, string message = "Injected fault") =>
        new() { Status = status, Body = KeyManagementReply.Error(status, code, message).Body };
}
