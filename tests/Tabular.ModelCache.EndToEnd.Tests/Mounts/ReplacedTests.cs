using System.Globalization;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>A file of the active version that was changed in the store itself, so that the mount shows what the store has.</summary>
public sealed class ReplacedTests : IAsyncLifetime
{
    private readonly PublishedBucket _published = new();
    private StoredObject _original = null!;

    public async ValueTask InitializeAsync()
    {
        await _published.InitializeAsync();
        _original = await GetLargestAsync();
    }

    public ValueTask DisposeAsync() => _published.DisposeAsync();

    [Fact]
    public async Task Start_FileReplacedInTheStore_ExitsAtMetadataAndNamesWhatTheStoreHas()
    {
        await _published.ReplaceLargestFileAsync();
        var replaced = await GetLargestAsync();
        await using var mounted = await MountedApp.MountAsync(_published);

        await mounted.ShouldFailAsync(
            mounted.With("Verification", "Metadata").Start(),
            MountMessages.Wrong(_published.LargestFile.Name, $"{Describe(_original, $" in {_published.Bucket.Store.DisplayName}")}", Describe(replaced, "")));
    }

    [Fact]
    public async Task Start_FileReplacedInTheStore_ExitsAtContentAndTellsThatItWasReplaced()
    {
        await _published.ReplaceLargestFileAsync();
        await using var mounted = await MountedApp.MountAsync(_published);

        await mounted.ShouldFailAsync(mounted.With("Verification", "Content").Start(), "?");
    }

    [Fact]
    public async Task Verifying_FileReplacedInTheStore_ExitsAndTellsThatItWasReplaced()
    {
        await using var mounted = await MountedApp.MountAsync(_published);
        var app = await mounted.StartVerifyingAsync();

        await _published.ReplaceLargestFileAsync();

        await mounted.ShouldFailAsync(app, "?");
    }

    private static string Describe(StoredObject item, string where) =>
        string.Create(CultureInfo.InvariantCulture, $"{item.Size} bytes, crc32c {item.Crc32C:x8}, generation {item.Generation}{where}");

    private async Task<StoredObject> GetLargestAsync() =>
        (await _published.Bucket.ListAsync(_published.LargestFile.Name)).Values.Single();
}
