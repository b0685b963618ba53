using System.Collections.Concurrent;

namespace Tabular.ModelCache.Sources.Http;

/// <summary>
/// The strong entity tag of a file at each server that it is read from, so that parts of two states are never put together. Servers do
/// not agree on tags among themselves, so each is held to its own.
/// </summary>
internal sealed class EntityTags
{
    private readonly ConcurrentDictionary<string, string> _tags = new(StringComparer.OrdinalIgnoreCase);

    /// <returns>What is wrong, or <see langword="null"/>.</returns>
    public string? FindChange(SourceReply reply)
    {
        if (reply.Response.Headers.ETag is not { IsWeak: false, Tag: var tag })
        {
            return null;
        }

        var first = _tags.GetOrAdd(reply.Uri.Authority, tag);
        return first == tag
            ? null
            : $"has changed while it was read: expected the entity tag {SourceErrors.Printable(first)}, found {SourceErrors.Printable(tag)}; pull it again";
    }
}
