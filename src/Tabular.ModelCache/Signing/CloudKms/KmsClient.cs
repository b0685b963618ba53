using System.Net.Http.Headers;
using Tabular.ModelCache.Stores.GoogleCloud;

namespace Tabular.ModelCache.Signing.CloudKms;

/// <summary>Sends calls about one key version: credential, timeout, bounded retries, bounded answers.</summary>
internal sealed class KmsClient(KmsKeyName key, KmsOptions options) : IDisposable
{
    /// <summary>Public keys and signatures take less than 2 KiB.</summary>
    public const int MostAnswerBytes = 64 << 10;

    private readonly StorageHttpClient _http = new(options);

    public KmsErrors Errors => field ??= new KmsErrors(key, options, () => _http.Account);

    /// <summary>Sends a call until it has a usable answer or no attempt is left.</summary>
    /// <param name="call">The call.</param>
    /// <param name="read">Reads the answer; a <see cref="FormatException"/> asks for another one.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="ModelCacheException">There is no usable answer.</exception>
    public async Task<T> CallAsync<T>(KmsCall call, Func<StrictElement, T> read, CancellationToken cancellationToken)
    {
        var backoff = new StorageBackoff(options);
        while (true)
        {
            var (answer, failure) = await TryAsync(call, read, cancellationToken).ConfigureAwait(false);
            if (failure is null)
            {
                return answer!;
            }

            if (!failure.MayRepeat || !await backoff.WaitAsync(failure.RetryAfter, cancellationToken).ConfigureAwait(false))
            {
                throw Errors.GiveUp(call, failure, Math.Max(1, backoff.Failures));
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<(T? Answer, KmsFailure? Failure)> TryAsync<T>(KmsCall call, Func<StrictElement, T> read, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.CallTimeout, options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var request = Create(call);
        try
        {
            var client = await _http.GetAsync(linked.Token).ConfigureAwait(false);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token).ConfigureAwait(false);
            var body = await AnswerBody.ReadAsync(response, MostAnswerBytes, linked.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                return (default, Errors.Translate(response, body, call));
            }

            using var document = StrictJson.Parse(body, MostAnswerBytes, DsseEnvelope.MostTokens);
            return (read(new StrictElement(document.RootElement, null)), null);
        }
        catch (FormatException e)
        {
            return (default, KmsErrors.Unusable(e));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException e)
        {
            // Without our timeout it was the connect timeout of the handler.
            return (default, timeout.IsCancellationRequested ? KmsErrors.TimedOut(options.CallTimeout, e) : KmsErrors.Broken(e));
        }
        catch (Exception e) when (!WireHandler.WasSent(request) && CredentialFailure.IsOne(e))
        {
            return (default, Errors.NoToken(e));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (default, KmsErrors.Broken(e));
        }
    }

    private HttpRequestMessage Create(KmsCall call)
    {
        var uri = new Uri(options.Endpoint.BaseUri, $"v1/{key}{call.Path}");
        if (call.Body is null)
        {
            return new HttpRequestMessage(HttpMethod.Get, uri);
        }

        var content = new ByteArrayContent(call.Body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpRequestMessage(HttpMethod.Post, uri) { Content = content };
    }
}
