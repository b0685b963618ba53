using System.Globalization;
using Tabular.ModelCache.EndToEnd.Tests.Fleet;
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
        await using var mounted = await MountedApp.MountAsync(_published);

        await mounted.ShouldFailAsync(mounted.With("Verification", "Metadata").Start(), await DescribeAsync());
    }

    [Fact]
    public async Task Start_FileReplacedInTheStore_ExitsAtContentAndNamesBothDigests()
    {
        await _published.ReplaceLargestFileAsync();
        await using var mounted = await MountedApp.MountAsync(_published);
        var found = await MountView.Sha256Async(Path.Join(mounted.Mount.Path, _published.LargestFile.Name));

        await mounted.ShouldFailAsync(
            mounted.With("Verification", "Content").Start(),
            MountMessages.Wrong(_published.LargestFile.Name, $"sha256 {_published.LargestFile.Sha256}", $"sha256 {found}"));
    }

    [Theory]
    [InlineData("Metadata")]
    [InlineData("Marker")]
    public async Task Start_FileDeletedInTheStore_ExitsAndNamesIt(string level)
    {
        await _published.Bucket.Store.DeleteAsync(_published.LargestFile.Name, default, TestContext.Current.CancellationToken);
        await using var mounted = await MountedApp.MountAsync(_published);

        var app = mounted.With("Verification", level).With("Mount:LagTimeout", TimeSpan.FromSeconds(2)).Start();

        await mounted.ShouldFailAsync(app, MountMessages.FileMissing(_published, mounted.Mount.Path));
    }

    [Fact]
    public async Task Verifying_FileReplacedInTheStore_ExitsAndNamesWhatTheStoreHas()
    {
        await using var mounted = await MountedApp.MountAsync(_published);
        var app = await mounted.StartVerifyingAsync();

        await _published.ReplaceLargestFileAsync();

        await mounted.ShouldFailAsync(app, await DescribeAsync());
    }

    private async Task<string> DescribeAsync() => MountMessages.Wrong(
        _published.LargestFile.Name,
        $"{Describe(_original)} in gs://{CloudBucket.Name}",
        Describe(await GetLargestAsync()));

    private static string Describe(StoredObject item) =>
        string.Create(CultureInfo.InvariantCulture, $"{item.Size} bytes, crc32c {item.Crc32C:x8}, generation {item.Generation}");

    private async Task<StoredObject> GetLargestAsync() =>
        (await _published.Bucket.ListAsync(_published.LargestFile.Name)).Values.Single();
}
