using System.Net.Http.Headers;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>A credential that can be renewed as often as it has names left.</summary>
internal sealed class TestCredential(params string[] tokens) : SourceCredential
{
    private int _index;

    public override AuthenticationHeaderValue? Current => new("Bearer", tokens[_index]);

    public override ValueTask<bool> TryRenewAsync(HttpResponseMessage refused, AuthenticationHeaderValue? sent, CancellationToken cancellationToken)
    {
        var left = _index + 1 < tokens.Length;
        _index += left ? 1 : 0;
        return ValueTask.FromResult(left);
    }
}
