using System.Net.Http.Json;
using System.Text.Json;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>Asks a running server to pull one model into its store.</summary>
internal sealed class OllamaPull(OllamaServer server, OllamaReference reference, OllamaProgramTimings timings, TimeProvider time)
{
    private const string Success = "success";

    /// <exception cref="ModelCacheException">The model was not pulled; the message has the program's own words.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(timings.Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            await PullAsync(silence, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed($"it told nothing for {timings.Silence.TotalSeconds:0.###} s; {server.Condition}", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Failed($"its answer broke off ({SourceErrors.Printable(e.Message).TrimEnd('.')}); {server.Condition}", e);
        }
    }

    private async Task PullAsync(CancellationTokenSource silence, CancellationToken cancellationToken)
    {
        var insecure = reference.Scheme == Uri.UriSchemeHttp;
        var body = new OllamaPullRequest(insecure ? $"http://{reference.FullName}" : reference.FullName, insecure, Stream: true);
        using var message = new HttpRequestMessage(HttpMethod.Post, "api/pull")
        {
            Content = JsonContent.Create(body, OllamaJsonContext.Default.OllamaPullRequest),
        };
        using var response = await server.Http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var reader = new StreamReader(stream);
        var last = "";
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } text)
        {
            silence.CancelAfter(timings.Silence);
            if (text.Length == 0)
            {
                continue;
            }

            // An error comes with any status: once progress was told, the status is spent.
            var line = Parse(text);
            if (line.Error is { } error)
            {
                throw Failed(SourceErrors.Printable(error).TrimEnd('.'));
            }

            last = line.Status ?? "";
        }

        if (!response.IsSuccessStatusCode || last != Success)
        {
            throw Failed($"it ended with '{SourceErrors.Printable(last)}' ({SourceErrors.Describe(response)}) where '{Success}' was expected; {server.Condition}");
        }
    }

    private OllamaPullLine Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, OllamaJsonContext.Default.OllamaPullLine) ?? new OllamaPullLine();
        }
        catch (JsonException e)
        {
            throw Failed($"it told '{SourceErrors.Printable(text)}', which is not a line of JSON", e);
        }
    }

    private ModelCacheException Failed(string why, Exception? cause = null) =>
        new($"The ollama program did not pull {reference.ShortName}: {why}.", cause);
}
