using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Leases;

public sealed class LeaseStateTests
{
    private static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_WhatToMetadataWrites_IsReadBack(bool isReleased)
    {
        var state = new LeaseState("owner", 7, "renewal", TimeSpan.FromSeconds(12.5), isReleased, "host/1");

        LeaseState.Read(await StoreAsync(state.ToMetadata()), Default).Should().Be(state);
    }

    [Fact]
    public async Task Read_NothingThere_IsHeldByNobodyForTheDefault() =>
        LeaseState.Read(await StoreAsync([]), Default).Should().Be(new LeaseState("", 0, "", Default, IsReleased: false, ""));

    [Theory]
    [InlineData("1", 1)]
    [InlineData("0", 30_000)]
    [InlineData("-1", 30_000)]
    [InlineData("1.5", 30_000)]
    [InlineData("600000", 600_000)]
    [InlineData("600001", 600_000)]
    [InlineData("9223372036854775807", 600_000)]
    [InlineData("9223372036854775808", 30_000)]
    public async Task Read_AnyTtl_IsAtMostTenMinutes(string written, int milliseconds) =>
        LeaseState.Read(await StoreAsync(new() { [LeaseState.TtlKey] = written }), Default).Ttl.Should().Be(TimeSpan.FromMilliseconds(milliseconds));

    private static Task<StoredObject> StoreAsync(Dictionary<string, string> metadata) =>
        new InMemoryObjectStore().WriteBytesAsync("lease", [], new ObjectWriteOptions { Metadata = metadata }, CancellationToken.None);
}
