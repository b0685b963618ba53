using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>An answer that is final: a success, or a failure that sending again does not mend.</summary>
internal sealed class StorageReply(HttpResponseMessage response, ReadOnlyMemory<byte> body) : IDisposable
{
    private StorageErrorBody? _error;

    public HttpResponseMessage Response { get; } = response;

    public int Status => (int)Response.StatusCode;

    public bool IsSuccess => Response.IsSuccessStatusCode;

    /// <summary>Whether an earlier attempt of the same call may have taken effect, so that a 412 or 404 may be its own doing.</summary>
    public bool IsAfterDoubt { get; init; }

    public StorageErrorBody Error => _error ??= StorageErrorBody.Parse(body.Span);

    /// <summary>Reads the answer.</summary>
    /// <exception cref="ObjectStoreException">The body is not what the API promises.</exception>
    public T Read<T>(JsonTypeInfo<T> type, StorageCall call, StorageErrors errors)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, type) ?? throw new JsonException("the answer is null");
        }
        catch (JsonException e)
        {
            throw errors.Malformed(call, new InvalidDataException("it is not the JSON that was asked for", e));
        }
    }

    public void Dispose() => Response.Dispose();
}
