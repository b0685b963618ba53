namespace Tabular.ModelCache.Signing;

/// <summary>The keys that are trusted. A hint chooses among them and never adds to them.</summary>
internal sealed class VerificationKeys
{
    /// <summary>A signature without a hint is tried with every key.</summary>
    public const int Most = 32;

    private readonly Dictionary<string, VerificationKey> _keys = new(StringComparer.Ordinal);

    public VerificationKeys(IEnumerable<VerificationKey> keys)
    {
        foreach (var key in keys)
        {
            _keys.TryAdd(key.Hint, key);
        }
    }

    public IReadOnlyCollection<VerificationKey> All => _keys.Values;

    /// <summary>Whether a signature names one of these keys.</summary>
    public bool Know(IReadOnlyList<DsseSignature> signatures) => signatures.Any(s => _keys.ContainsKey(s.KeyId));

    /// <summary>Finds the key that made one of the signatures.</summary>
    /// <param name="signed">The signed bytes.</param>
    /// <param name="signatures">The signatures with the hints of their keys.</param>
    /// <exception cref="FormatException">No trusted key made any of them.</exception>
    public VerificationKey Verify(ReadOnlySpan<byte> signed, IReadOnlyList<DsseSignature> signatures)
    {
        foreach (var (signature, hint) in signatures)
        {
            foreach (var key in Candidates(hint))
            {
                if (key.Verify(signed, signature))
                {
                    return key;
                }
            }
        }

        var hints = signatures.Select(s => s.KeyId.Length == 0 ? "an unnamed key" : $"key {StrictElement.Printable(s.KeyId)}");
        var known = signatures.Any(s => Candidates(s.KeyId).Length > 0);
        throw new FormatException(
            known
                ? $"the signature by {string.Join(", ", hints)} is not right for its content: one of them was changed, or it was made with another key"
                : $"it is signed by {string.Join(", ", hints)}, which is not trusted; trusted are {string.Join(", ", _keys.Values.Select(k => $"{k.Hint} ({k.Origin})"))}");
    }

    private VerificationKey[] Candidates(string hint) =>
        hint.Length == 0 ? [.. _keys.Values] : _keys.TryGetValue(hint, out var key) ? [key] : [];
}
