using Tabular.ModelCache.Configuration;

namespace Tabular.ModelCache.Tests.Signing;

public sealed class SigningKeysTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(null, "cannot be read")]
    [InlineData("no key", "is not one private key")]
    public void LoadPrivate_FileThatIsNoKey_NamesFileAndSetting(string? content, string expected)
    {
        var file = Path.Join(_folder, "signing.key.pem");
        if (content is not null)
        {
            File.WriteAllText(file, content);
        }

        var load = () => SigningKeys.LoadPrivate(new SigningOptions { PrivateKey = file }, new SettingPath("ModelCache"), new PathBase());

        load.Should().Throw<ModelCacheException>().WithMessage($"*'{file}' of ModelCache:Signing:PrivateKey {expected}*");
    }

    [Fact]
    public void LoadTrusted_FileThatIsNoKey_NamesFileAndSetting()
    {
        var file = Path.Join(_folder, "a.pem");
        File.WriteAllText(file, "no key");

        var load = () => SigningKeys.LoadTrusted(new SigningOptions { TrustedKeys = { _folder } }, new SettingPath("ModelCache"), new PathBase());

        load.Should().Throw<ModelCacheException>().WithMessage($"*'{file}' of ModelCache:Signing:TrustedKeys:0 *");
    }
}
