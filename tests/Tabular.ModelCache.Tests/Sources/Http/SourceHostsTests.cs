using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Tests.Sources.Http;

public sealed class SourceHostsTests
{
    [Theory]
    [InlineData("https://registry.test/x", true)]
    [InlineData("http://REGISTRY.test.:5000/x", true)]
    [InlineData("https://cdn.example.com/x", true)]
    [InlineData("https://a.cdn.example.org/x", true)]
    [InlineData("https://a.b.cdn.example.org/x", true)]
    [InlineData("https://[::1]:5000/x", true)]
    [InlineData("https://cdn.example.org/x", false)]
    [InlineData("https://evilcdn.example.org/x", false)]
    [InlineData("https://a.cdn.example.org.evil.test/x", false)]
    [InlineData("https://a.registry.test/x", false)]
    [InlineData("https://169.254.169.254/x", false)]
    public void Allows_Host_IsTheOriginOrListed(string uri, bool allowed) =>
        new SourceHosts("registry.test", ["CDN.example.com", "*.cdn.example.org", "[::1]"]).Allows(new Uri(uri)).Should().Be(allowed);
}
