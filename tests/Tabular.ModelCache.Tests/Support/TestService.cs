using Google.Apis.Services;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>A service of Google as an app has one, for a server on this machine.</summary>
internal sealed class TestService(Uri server, BaseClientService.Initializer initializer) : BaseClientService(initializer)
{
    public override string Name => "storage";

    public override string BaseUri { get; } = $"{server}storage/v1/";

    public override string BasePath => "storage/v1/";

    public override IList<string> Features => [];
}
