using Tabular.ModelCache.Leases;

namespace Tabular.ModelCache.Tests.Leases;

public sealed class AttemptTests
{
    [Theory]
    [InlineData("1-a", 1, "a")]
    [InlineData("0-ab", 0, "ab")]
    [InlineData("9223372036854775807-ff", long.MaxValue, "ff")]
    [InlineData("12-a-b", 12, "a-b")]
    public void TryParse_WhatToStringWrites_IsReadBack(string text, long epoch, string nonce)
    {
        Attempt.TryParse(text).Should().Be(new Attempt(epoch, nonce));
        new Attempt(epoch, nonce).ToString().Should().Be(text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("-a")]
    [InlineData("1")]
    [InlineData("1-")]
    [InlineData("x-a")]
    [InlineData("+1-a")]
    [InlineData(" 1-a")]
    [InlineData("9223372036854775808-a")]
    public void TryParse_AnythingElse_IsNone(string? text) => Attempt.TryParse(text).Should().BeNull();
}
