using System.Net;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Reads answers, however long they are, into bounded memory.</summary>
internal static class AnswerBody
{
    /// <param name="response">The answer.</param>
    /// <param name="most">The most bytes of a success; of an error the head is read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="IOException">A success is longer, or the connection broke.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, int most, CancellationToken cancellationToken)
    {
        var isError = response.StatusCode >= HttpStatusCode.BadRequest;
        var limit = isError ? StorageErrorBody.MaximumLength : most;
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var body = new byte[Math.Min(limit, (int)Math.Clamp(response.Content.Headers.ContentLength ?? 4096, 1, limit))];
            var length = 0;
            while (true)
            {
                if (length == body.Length)
                {
                    if (length == limit)
                    {
                        // The head of an error tells enough; half of an answer tells nothing.
                        return isError || await stream.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) == 0
                            ? body
                            : throw new IOException($"the answer is longer than {limit} bytes");
                    }

                    Array.Resize(ref body, Math.Min(limit, length * 2));
                }

                var read = await stream.ReadAsync(body.AsMemory(length), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    return body.AsMemory(0, length);
                }

                length += read;
            }
        }
    }
}
