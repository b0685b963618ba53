using System.Globalization;

namespace Tabular.ModelCache.Leases;

/// <summary>One acquisition of a lease: <c>epoch-nonce</c>. It owns its staging folder and nothing else.</summary>
internal readonly record struct Attempt(long Epoch, string Nonce)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}-{Nonce}");

    /// <returns>The attempt; <see langword="null"/> when the text is none.</returns>
    public static Attempt? TryParse(string? text)
    {
        var dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        return dash > 0 && dash < text!.Length - 1 &&
            long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
                ? new Attempt(epoch, text[(dash + 1)..])
                : null;
    }
}
