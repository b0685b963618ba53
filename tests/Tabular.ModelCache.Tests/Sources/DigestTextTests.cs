using Tabular.ModelCache.Sources;

namespace Tabular.ModelCache.Tests.Sources;

public sealed class DigestTextTests
{
    [Theory]
    [InlineData("abc", "abc", true)]
    [InlineData("ABC", "sha256:abc", true)]
    [InlineData("abc", "abc;files=1", true)]
    [InlineData("sha256:abc", "abc;files=1", true)]
    [InlineData("abc;files=1", "abc;files=1", true)]
    [InlineData("abc;files=1", "abc;files=2", false)]
    [InlineData("abc;files=1", "abc", false)]
    [InlineData("ab", "abc;files=1", false)]
    [InlineData("abd", "abc", false)]
    [InlineData("", "abc", false)]
    public void Satisfies_PinAndDigest_ComparesWhatThePinSays(string pin, string digest, bool expected) =>
        DigestText.Satisfies(pin, digest).Should().Be(expected);

    [Fact]
    public void Same_OtherFilesOfOneCommit_AreNotTheSame() => DigestText.Same("abc;files=1", "abc").Should().BeFalse();
}
